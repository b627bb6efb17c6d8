package dev.windfall.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What lies in a folder of images, sorted by name; hidden files and folders are left out. */
final class FolderListing {
  private static final List<String> IMAGE_ENDINGS = List.of(".png", ".jpg", ".jpeg");

  private FolderListing() {}

  /** The folders in a folder. */
  static List<Path> folders(Path folder) {
    return list(folder, Files::isDirectory);
  }

  /** The PNG and JPEG files in a folder, by the endings of their names. */
  static List<Path> images(Path folder) {
    return list(folder, path -> isImage(path) && Files.isRegularFile(path));
  }

  /** The last part of a path. */
  static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static boolean isImage(Path path) {
    String name = name(path).toLowerCase(Locale.ROOT);
    return IMAGE_ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .filter(path -> !name(path).startsWith("."))
          .filter(wanted)
          .sorted(Comparator.comparing(FolderListing::name))
          .toList();
    } catch (IOException e) {
      throw new DatasetException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }
}
