package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of a set of images, epoch by epoch. Immutable: each call of {@link #epoch} starts a
 * pass of its own, anywhere in the training, and the same (epoch, batch) always gives the same
 * bits.
 */
public final class DataLoader {
  private final Dataset dataset;
  private final ImageSet images;
  private final Standardisation standardisation;
  private final int batchSize;
  private final boolean dropLast;

  /** Null: in the set's own order, without augmentation. */
  private final @Nullable BatchOptions training;

  private DataLoader(
      Dataset dataset, ImageSet images, int batchSize, @Nullable BatchOptions training) {
    if ((long) batchSize * dataset.shape().size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "batch size: %d images of %s do not fit into one array, at most %d do"
              .formatted(batchSize, dataset.shape(), Integer.MAX_VALUE / dataset.shape().size()));
    }
    this.dataset = dataset;
    this.images = images;
    this.standardisation = Standardisation.of(dataset);
    this.batchSize = batchSize;
    this.dropLast = training != null && training.dropLast();
    this.training = training;
  }

  /**
   * Batches to train on: each epoch reads every image once, in a random order of its own,
   * augmented.
   *
   * @param dataset the data set, for shape, classes and statistics
   * @param images its training images, or the part of them that a {@link Split} leaves
   * @param options batch size, augmentation and seed
   * @return the loader
   * @throws IllegalArgumentException if a batch is larger than the set, or the augmentations do not
   *     fit the images
   */
  public static DataLoader training(Dataset dataset, ImageSet images, BatchOptions options) {
    if (options.batchSize() > images.count()) {
      throw new IllegalArgumentException(
          "batch size: %d, but data set %s has only %d images to train on"
              .formatted(options.batchSize(), dataset.name(), images.count()));
    }
    DataLoader loader = new DataLoader(dataset, images, options.batchSize(), options);
    loader.augmenter(); // Says now, rather than on another thread, what is wrong with the list.
    return loader;
  }

  /**
   * Batches to evaluate on: every image once, in the set's order, as it is; the last batch may be
   * smaller, as may the only one.
   *
   * @param dataset the data set, for shape, classes and statistics
   * @param images test, validation or training images; may be empty
   * @param batchSize images in a full batch, at least 1
   * @return the loader
   * @throws IllegalArgumentException if the batch size is below 1
   */
  public static DataLoader evaluation(Dataset dataset, ImageSet images, int batchSize) {
    BatchOptions.checkBatchSize(batchSize);
    return new DataLoader(dataset, images, batchSize, null);
  }

  /**
   * The number of batches of a whole epoch.
   *
   * @return 0 only for an empty set
   */
  public int batchesPerEpoch() {
    int full = images.count() / batchSize;
    return dropLast || images.count() % batchSize == 0 ? full : full + 1;
  }

  /**
   * The images of a batch: as many as a full one has, or fewer in an epoch's last.
   *
   * @param batch the batch within its epoch, from 0
   * @return at least 1
   * @throws IllegalArgumentException if an epoch has no such batch
   */
  public int imagesOf(int batch) {
    if (batch < 0 || batch >= batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "batch: %d, an epoch has batches 0 to %d".formatted(batch, batchesPerEpoch() - 1));
    }
    return Math.min(batchSize, images.count() - batch * batchSize);
  }

  /**
   * Starts a pass over a whole epoch.
   *
   * @param epoch the epoch, from 0
   * @return the batches, to be closed
   */
  public Batches epoch(int epoch) {
    return epoch(epoch, 0);
  }

  /**
   * Starts a pass over the rest of an epoch, as a resumed run needs it.
   *
   * @param epoch the epoch, from 0
   * @param firstBatch the first batch to hand out, from 0 to {@link #batchesPerEpoch()}
   * @return the batches, to be closed
   * @throws IllegalArgumentException if there is no such epoch or batch
   */
  public Batches epoch(int epoch, int firstBatch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch: " + epoch + ", at least 0");
    }
    if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "first batch: %d, an epoch has batches 0 to %d"
              .formatted(firstBatch, batchesPerEpoch() - 1));
    }
    return new Batches(new Pass(epoch), firstBatch, batchesPerEpoch());
  }

  private Augmenter augmenter() {
    return new Augmenter(dataset.shape(), training == null ? List.of() : training.augmentations());
  }

  /** One epoch's order, and the making of its batches; for one thread. */
  final class Pass {
    private final int epoch;
    private final int[] order;
    private final Augmenter augmenter = augmenter();
    private final byte[] image = new byte[dataset.shape().size()];

    private Pass(int epoch) {
      this.epoch = epoch;
      this.order =
          training == null
              ? IntStream.range(0, images.count()).toArray()
              : StatelessRandom.of(training.seed(), "epoch-order", epoch)
                  .nextPermutation(images.count());
    }

    int epoch() {
      return epoch;
    }

    /** New arrays for a full batch. */
    ImageBatch allocate() {
      return new ImageBatch(
          new float[batchSize * image.length], new int[batchSize], new long[batchSize], 0);
    }

    /** Makes a batch in another one's arrays. */
    ImageBatch make(int batch, ImageBatch arrays) {
      int first = batch * batchSize;
      int count = imagesOf(batch);
      for (int i = 0; i < count; i++) {
        int sample = order[first + i];
        arrays.labels()[i] = label(sample);
        arrays.sampleIds()[i] = sample;
        images.read(sample, image);
        standardisation.apply(augmented(sample), arrays.pixels(), i * image.length);
      }
      return new ImageBatch(arrays.pixels(), arrays.labels(), arrays.sampleIds(), count);
    }

    private byte[] augmented(int sample) {
      return training == null
          ? image
          : augmenter.apply(
              image, StatelessRandom.of(training.seed(), "augmentation", epoch, sample));
    }

    private int label(int sample) {
      int label = images.label(sample);
      if (label < 0 || label >= dataset.classNames().size()) {
        throw new DatasetException(
            "data set %s: image %d has label %d; labels are 0 to %d"
                .formatted(dataset.name(), sample, label, dataset.classNames().size() - 1));
      }
      return label;
    }
  }
}
