package dev.windfall.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that a data set is read from, and where they are looked for.
 *
 * @param dataset the data set's name, for messages
 * @param subfolder a folder within the user's where the files may also be; in an archive too
 * @param names the files' names without {@code .gz} or {@code .xz}
 * @param archive the official .tar.gz archive that holds them all; null if there is none
 * @param source where the files come from, for messages
 */
record DataFolder(
    String dataset, String subfolder, List<String> names, @Nullable String archive, String source) {
  private static final List<String> SUFFIXES = List.of("", ".gz", ".xz");

  /** Takes what one of the files holds; called once for each, by several threads at once. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads one file, after checking its length, to its end; leaves closing it to the caller.
     *
     * @param index the file's position among the names
     */
    void read(int index, DataFile file);
  }

  DataFolder {
    names = List.copyOf(names);
  }

  /**
   * Reads every file: the loose ones, else those in the archive.
   *
   * @param folder the folder that the user named
   * @throws DatasetException if any is missing, which names all that are, or damaged
   */
  void read(Path folder, Reader reader) {
    Optional<Path> packed = archive == null ? Optional.empty() : existing(folder, List.of(archive));
    if (packed.isPresent() && names.stream().noneMatch(name -> find(folder, name).isPresent())) {
      new TarArchive(packed.get()).read(subfolder, names, reader);
    } else {
      read(find(folder), reader);
    }
  }

  /** Reads loose files, in parallel. */
  static void read(List<Path> files, Reader reader) {
    IntStream.range(0, files.size())
        .parallel()
        .forEach(
            index -> {
              try (DataFile file = DataFile.open(files.get(index))) {
                reader.read(index, file);
              }
            });
  }

  /**
   * Finds every file, each plain or packed.
   *
   * @return one path for each name, in their order
   * @throws DatasetException if any is missing; it names all that are
   */
  List<Path> find(Path folder) {
    List<Path> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      find(folder, name).ifPresentOrElse(found::add, () -> missing.add(name));
    }
    if (!missing.isEmpty()) {
      throw new DatasetException(
          "%s: missing %s: put %s, plain or as .gz or .xz,%s into the folder %s%s; source: %s"
              .formatted(
                  dataset,
                  String.join(", ", missing),
                  missing.size() == 1 ? "it" : "them",
                  archive == null ? "" : " or the whole " + archive + ",",
                  folder,
                  Files.isDirectory(folder) ? "" : " (which does not exist)",
                  source));
    }
    return found;
  }

  private Optional<Path> find(Path folder, String name) {
    return existing(folder, SUFFIXES.stream().map(suffix -> name + suffix).toList());
  }

  private Optional<Path> existing(Path folder, List<String> files) {
    return Stream.of(folder, folder.resolve(subfolder))
        .flatMap(place -> files.stream().map(place::resolve))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
