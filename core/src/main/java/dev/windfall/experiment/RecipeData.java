package dev.windfall.experiment;

import dev.windfall.data.Augmentation;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.data.Datasets;
import dev.windfall.data.PerImageStandardised;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recipe's block {@code data} means. */
final class RecipeData {

  private RecipeData() {}

  /**
   * Opens the data set: from its folder, or without one from the cache.
   *
   * @throws IllegalArgumentException where the name is unknown, or a folder is missing or of no use
   * @throws dev.windfall.data.DatasetException where files are missing or damaged
   */
  static Dataset open(Recipe.Data data, DatasetCache cache) {
    Path folder = folder(data.dir());
    if (folder != null) {
      return Datasets.open(data.name(), folder);
    }
    boolean needsFolder =
        Datasets.all().stream()
            .anyMatch(
                entry ->
                    entry.name().equals(data.name())
                        && entry.needsFolder()
                        && !entry.downloadable());
    if (needsFolder) {
      throw new IllegalArgumentException(
          "data set %s is read from files: say with data.dir (--data-dir) in which folder they are"
              .formatted(data.name()));
    }
    return Datasets.openCached(data.name(), cache);
  }

  private static @Nullable Path folder(@Nullable String dir) {
    try {
      return dir == null ? null : Path.of(dir);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("data.dir is no path: " + dir, e);
    }
  }

  /** What is done to a data set's training images where a recipe does not say it. */
  static List<String> usualAugmentation(String dataset) {
    return switch (dataset) {
      case "cifar-10", "cifar-100" -> List.of("reflect-pad-4", "crop", "flip");
      case "tiny-imagenet" -> List.of("reflect-pad-8", "crop", "flip");
      default -> List.of();
    };
  }

  /**
   * The random changes to training images, without the standardisation that may stand at the end.
   *
   * @param data of a resolved recipe
   * @throws IllegalArgumentException naming a step that is unknown or out of place
   */
  static List<Augmentation> augmentations(Recipe.Data data) {
    List<String> steps = data.augment() == null ? List.of() : data.augment();
    List<String> random =
        isPerImageStandardised(steps) ? steps.subList(0, steps.size() - 1) : steps;
    if (random.contains(PerImageStandardised.NAME)) {
      throw new IllegalArgumentException(
          "data.augment: %s comes last, after what changes the pixels"
              .formatted(PerImageStandardised.NAME));
    }
    return random.stream().map(Augmentation::named).toList();
  }

  /** The data set with the standardisation that a resolved recipe asks for. */
  static Dataset standardised(Dataset dataset, Recipe.Data data) {
    return data.augment() != null && isPerImageStandardised(data.augment())
        ? new PerImageStandardised(dataset)
        : dataset;
  }

  private static boolean isPerImageStandardised(List<String> steps) {
    return !steps.isEmpty() && steps.getLast().equals(PerImageStandardised.NAME);
  }
}
