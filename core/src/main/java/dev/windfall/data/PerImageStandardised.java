package dev.windfall.data;

import java.util.List;

/**
 * A data set whose images are each standardised by themselves, {@link
 * PixelStandardisation#BY_IMAGE}; recipes call it {@code per-image-standardise}.
 *
 * @param dataset what holds the images
 */
public record PerImageStandardised(Dataset dataset) implements Dataset {
  /** The name in recipes, among the augmentations, although it holds for evaluation as well. */
  public static final String NAME = "per-image-standardise";

  @Override
  public String name() {
    return dataset.name();
  }

  @Override
  public ImageShape shape() {
    return dataset.shape();
  }

  @Override
  public List<String> classNames() {
    return dataset.classNames();
  }

  @Override
  public ImageSet train() {
    return dataset.train();
  }

  @Override
  public ImageSet test() {
    return dataset.test();
  }

  @Override
  public ChannelStatistics statistics() {
    return dataset.statistics();
  }

  @Override
  public PixelStandardisation standardisation() {
    return PixelStandardisation.BY_IMAGE;
  }
}
