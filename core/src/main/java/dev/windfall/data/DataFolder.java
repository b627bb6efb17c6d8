package dev.windfall.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds a data set's files, each plain or packed. */
final class DataFolder {
  private static final List<String> SUFFIXES = List.of("", ".gz", ".xz");

  private DataFolder() {}

  /**
   * Finds every file.
   *
   * @param dataset the data set's name, for the message
   * @param folder the folder that the user named
   * @param alternative a folder within it where the files may also be
   * @param names the files' names without {@code .gz} or {@code .xz}
   * @param source where the files come from, for the message
   * @return one path for each name, in their order
   * @throws DatasetException if any is missing; it names all that are
   */
  static List<Path> find(
      String dataset, Path folder, String alternative, List<String> names, String source) {
    List<Path> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      find(List.of(folder, folder.resolve(alternative)), name)
          .ifPresentOrElse(found::add, () -> missing.add(name));
    }
    if (!missing.isEmpty()) {
      throw new DatasetException(
          "%s: missing %s: put %s, plain or as .gz or .xz, into the folder %s%s; source: %s"
              .formatted(
                  dataset,
                  String.join(", ", missing),
                  missing.size() == 1 ? "it" : "them",
                  folder,
                  Files.isDirectory(folder) ? "" : " (which does not exist)",
                  source));
    }
    return found;
  }

  private static Optional<Path> find(List<Path> folders, String name) {
    return folders.stream()
        .flatMap(folder -> SUFFIXES.stream().map(suffix -> folder.resolve(name + suffix)))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
