package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.data.Augmentation;
import dev.windfall.data.Batches;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.data.DatasetException;
import dev.windfall.data.ImageBatch;
import dev.windfall.data.PixelStandardisation;
import dev.windfall.data.Split;
import dev.windfall.training.TinyDataset;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class RecipeDataTest {

  private static final Dataset TINY = new TinyDataset(100, 10);

  private static final RecipeDraft SMALL =
      RecipeDraft.defaults()
          .with(
              """
              model: {name: mlp-4}
              data: {validation: 0.2, augment: [reflect-pad-1, crop, flip]}
              training: {epochs: 1, batch-size: 20, schedule: {warmup-epochs: 0}}
              run: {engine: reference}
              """,
              "small");

  @TempDir private Path folder;

  private static RunPlan plan(String yaml) {
    return RunPlan.of(SMALL.with(yaml, "test").recipe(), TINY);
  }

  @ParameterizedTest
  @EnumSource
  void validationImagesAreNeverAugmented(Split.Rule rule) {
    RunPlan plan = plan("data: {split: %s}".formatted(rule));
    Split split = Split.of(TINY.train(), 0.2, rule, plan.recipe().run().seed());
    byte[] image = new byte[TINY.shape().size()];
    try (Batches batches = plan.training().validation().epoch(0)) {
      ImageBatch batch = Objects.requireNonNull(batches.next());
      assertThat(batch.count()).isEqualTo(20);
      for (int i = 0; i < batch.count(); i++) {
        split.validation().read(i, image);
        assertThat(batch.labels()[i]).isEqualTo(split.validation().label(i));
        for (int pixel = 0; pixel < image.length; pixel++) {
          assertThat(batch.pixels()[i * image.length + pixel])
              .isEqualTo((float) (((image[pixel] & 0xFF) / 255.0 - 0.5) / 0.25));
        }
      }
    }
  }

  @Test
  void theTailIsTheLastImages() {
    RunPlan plan = plan("data: {split: tail}");
    byte[] image = new byte[TINY.shape().size()];
    TINY.train().read(80, image);
    try (Batches batches = plan.training().validation().epoch(0)) {
      ImageBatch batch = Objects.requireNonNull(batches.next());
      assertThat(batch.pixels()[0]).isEqualTo((float) (((image[0] & 0xFF) / 255.0 - 0.5) / 0.25));
    }
  }

  @Test
  void standardisationImageByImageHoldsForAllImages() {
    RunPlan plan = plan("data: {augment: [flip, per-image-standardise]}");
    assertThat(plan.dataset().standardisation()).isEqualTo(PixelStandardisation.BY_IMAGE);
    assertThat(plan.recipe().data().augment()).containsExactly("flip", "per-image-standardise");
    assertThat(RecipeData.augmentations(plan.recipe().data()))
        .containsExactly(new Augmentation.Flip());
    for (Batches batches :
        List.of(
            plan.training().samples().epoch(0),
            plan.training().validation().epoch(0),
            plan.training().test().epoch(0))) {
      try (batches) {
        ImageBatch batch = Objects.requireNonNull(batches.next());
        double sum = 0;
        double squares = 0;
        for (int pixel = 0; pixel < 6; pixel++) {
          sum += batch.pixels()[pixel];
          squares += batch.pixels()[pixel] * batch.pixels()[pixel];
        }
        assertThat(sum).isCloseTo(0, within());
        assertThat(squares).isCloseTo(6, within());
      }
    }
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-4);
  }

  @Test
  void aRecipeMayNameAnyStep() {
    RunPlan plan = plan("data: {augment: [zero-pad-1, crop, random-resized-crop, flip]}");
    assertThat(RecipeData.augmentations(plan.recipe().data()))
        .containsExactly(
            new Augmentation.ZeroPad(1),
            new Augmentation.Crop(),
            new Augmentation.RandomResizedCrop(),
            new Augmentation.Flip());
    assertThat(plan.dataset()).isSameAs(TINY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cifar-10 | reflect-pad-4, crop, flip",
        "cifar-100 | reflect-pad-4, crop, flip",
        "tiny-imagenet | reflect-pad-8, crop, flip",
        "mnist | ''",
        "fashion-mnist | ''",
        "shapes | ''",
        "npy | ''",
      })
  void eachDataSetHasItsUsualAugmentation(String dataset, String steps) {
    assertThat(String.join(", ", RecipeData.usualAugmentation(dataset))).isEqualTo(steps);
  }

  private DatasetCache cache() {
    return new DatasetCache(folder, (file, bytes, total) -> {});
  }

  /** Digits that are all black and all 0, packed as the official files are. */
  @Test
  void aDataSetWithoutAFolderIsReadFromTheCache() throws IOException {
    Path mnist = Files.createDirectories(folder.resolve("mnist"));
    idx(mnist.resolve("train-images-idx3-ubyte.gz"), 60_000 * 784, 2051, 60_000, 28, 28);
    idx(mnist.resolve("train-labels-idx1-ubyte.gz"), 60_000, 2049, 60_000);
    idx(mnist.resolve("t10k-images-idx3-ubyte.gz"), 10_000 * 784, 2051, 10_000, 28, 28);
    idx(mnist.resolve("t10k-labels-idx1-ubyte.gz"), 10_000, 2049, 10_000);
    Recipe recipe = SMALL.with("data: {name: mnist, augment: null}", "test").recipe();
    RunPlan plan = RunPlan.of(recipe, cache());
    assertThat(plan.dataset().name()).isEqualTo("mnist");
    assertThat(plan.dataset().train().count()).isEqualTo(60_000);
    assertThat(plan.recipe().data().dir()).isNull();
    assertThat(plan.recipe().data().augment()).isEmpty();
  }

  private static void idx(Path file, int zeros, int... header) throws IOException {
    try (DataOutputStream stream =
        new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      for (int number : header) {
        stream.writeInt(number);
      }
      stream.write(new byte[zeros]);
    }
  }

  /** What lies in the cache is no folder, so there is no download either. */
  @Test
  void aCacheThatCannotBeUsedIsNamed() throws IOException {
    Files.writeString(folder.resolve("cifar-10"), "");
    Recipe recipe = SMALL.with("data: {name: cifar-10}", "test").recipe();
    assertThatThrownBy(() -> RunPlan.of(recipe, cache()))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith("cifar-10: cannot download https://www.cs.toronto.edu/")
        .hasMessageEndingWith(
            "into %s, or name the folder that holds it".formatted(folder.resolve("cifar-10")));
  }
}
