package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The data sets that are known by name. */
public final class Datasets {
  /**
   * What is known about a data set before it is opened.
   *
   * @param name its name in recipes
   * @param description one line on what it holds
   * @param needsFolder whether it is read from files in a folder
   * @param downloadable whether these files can be downloaded into a {@link DatasetCache}
   */
  public record Entry(String name, String description, boolean needsFolder, boolean downloadable) {}

  private sealed interface Known {
    String name();

    String description();
  }

  private record Embedded(String name, String description, Supplier<Dataset> draw)
      implements Known {}

  private record Filed(
      String name, String description, Function<Path, Dataset> read, List<Download> downloads)
      implements Known {
    /** One whose files have no address that they could be fetched from. */
    Filed(String name, String description, Function<Path, Dataset> read) {
      this(name, description, read, List.of());
    }
  }

  private static final List<Known> KNOWN =
      List.of(
          new Embedded(
              Shapes.NAME,
              "20,000 + 4,000 drawn colour images of ten shapes, 32 x 32; embedded",
              Shapes::draw),
          new Filed(
              IdxDataset.MNIST.name(),
              "60,000 + 10,000 grey images of handwritten digits, 28 x 28; idx files",
              IdxDataset.MNIST::read,
              IdxDataset.MNIST.downloads()),
          new Filed(
              IdxDataset.FASHION_MNIST.name(),
              "60,000 + 10,000 grey images of ten kinds of clothing, 28 x 28; idx files",
              IdxDataset.FASHION_MNIST::read,
              IdxDataset.FASHION_MNIST.downloads()),
          new Filed(
              Cifar10.NAME,
              "50,000 + 10,000 colour photographs of ten kinds of things, 32 x 32; binary version",
              Cifar10::read,
              List.of(Cifar10.DOWNLOAD)),
          new Filed(
              Cifar100.NAME,
              "50,000 + 10,000 colour photographs of 100 kinds of things, 32 x 32; binary version",
              Cifar100::read,
              List.of(Cifar100.DOWNLOAD)),
          new Filed(
              TinyImageNet.NAME,
              "100,000 + 10,000 colour photographs of 200 classes of ImageNet, 64 x 64; JPEG files",
              TinyImageNet::read),
          new Filed(
              ImageFolder.NAME,
              "your own PNG and JPEG files of one size, in train/CLASS and test/CLASS (or val/CLASS)",
              ImageFolder::read),
          new Filed(
              NpyDataset.NAME,
              "your own NumPy arrays: train-images.npy, train-labels.npy, and the same of test",
              NpyDataset::read));

  private Datasets() {}

  /**
   * Every data set that can be opened by name.
   *
   * @return the entries, the embedded one first
   */
  public static List<Entry> all() {
    return KNOWN.stream()
        .map(
            known ->
                new Entry(
                    known.name(),
                    known.description(),
                    known instanceof Filed,
                    known instanceof Filed filed && !filed.downloads().isEmpty()))
        .toList();
  }

  /**
   * Opens a data set: draws it, or reads all its files into memory.
   *
   * @param name a name from {@link #all()}
   * @param folder the folder with its files; null for an embedded data set
   * @return the data set
   * @throws IllegalArgumentException if there is no such name, or a folder is missing or of no use
   * @throws DatasetException if a file is missing or damaged
   */
  public static Dataset open(String name, @Nullable Path folder) {
    return switch (named(name)) {
      case Embedded embedded -> {
        if (folder != null) {
          throw new IllegalArgumentException(
              "data set %s is embedded and takes no data folder, found %s".formatted(name, folder));
        }
        yield embedded.draw().get();
      }
      case Filed filed -> {
        if (folder == null) {
          throw folderNeeded(name);
        }
        yield filed.read().apply(folder);
      }
    };
  }

  /**
   * Opens a data set without a folder of the user's: draws it, or reads its files from a cache,
   * into which they are downloaded first where they are missing.
   *
   * @param name a name from {@link #all()}
   * @param cache keeps what is downloaded
   * @return the data set
   * @throws IllegalArgumentException if there is no such name, or its files have no address
   * @throws DatasetException if a file cannot be downloaded, or is damaged
   */
  public static Dataset openCached(String name, DatasetCache cache) {
    return switch (named(name)) {
      case Embedded embedded -> embedded.draw().get();
      case Filed filed when filed.downloads().isEmpty() -> throw folderNeeded(name);
      case Filed filed -> filed.read().apply(cache.fetch(name, filed.downloads()));
    };
  }

  private static IllegalArgumentException folderNeeded(String name) {
    return new IllegalArgumentException(
        "data set %s needs a data folder that holds its files".formatted(name));
  }

  private static Known named(String name) {
    return KNOWN.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown data set '%s'; known: %s"
                        .formatted(
                            name,
                            KNOWN.stream().map(Known::name).collect(Collectors.joining(", ")))));
  }
}
