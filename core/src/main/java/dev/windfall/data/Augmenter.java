package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.List;

/**
 * Applies a list of augmentations to images of one shape. Holds buffers, so each thread needs its
 * own.
 */
final class Augmenter {
  private final ImageShape shape;
  private final List<Augmentation> augmentations;

  /** The shape that each augmentation leaves, and the buffer that takes its result. */
  private final ImageShape[] shapes;

  private final byte[][] results;

  /**
   * Checks that the list makes sense.
   *
   * @throws IllegalArgumentException if the images would not have their own size again at the end,
   *     or an augmentation could do nothing
   */
  Augmenter(ImageShape shape, List<Augmentation> augmentations) {
    this.shape = shape;
    this.augmentations = List.copyOf(augmentations);
    this.shapes = new ImageShape[augmentations.size()];
    this.results = new byte[augmentations.size()][];
    ImageShape current = shape;
    for (int i = 0; i < shapes.length; i++) {
      current = after(augmentations.get(i), current);
      shapes[i] = current;
      results[i] = new byte[current.size()];
    }
    if (!current.equals(shape)) {
      throw new IllegalArgumentException(
          "augmentations %s leave images of %s instead of %s: a crop must follow the pad"
              .formatted(names(), current, shape));
    }
  }

  private ImageShape after(Augmentation augmentation, ImageShape before) {
    return switch (augmentation) {
      case Augmentation.ZeroPad(int pixels) -> padded(augmentation, before, pixels);
      case Augmentation.ReflectPad(int pixels) -> padded(augmentation, before, pixels);
      case Augmentation.Crop() -> {
        if (before.equals(shape)) {
          throw new IllegalArgumentException(
              "augmentations %s: nothing to crop, a pad such as reflect-pad-4 must come before it"
                  .formatted(names()));
        }
        yield shape;
      }
      case Augmentation.Flip() -> before;
      case Augmentation.RandomResizedCrop() -> shape;
    };
  }

  private static ImageShape padded(Augmentation augmentation, ImageShape before, int pixels) {
    if (pixels >= Math.min(before.height(), before.width())) {
      throw new IllegalArgumentException(
          "augmentation %s: images of %s can be padded by %d pixels at most"
              .formatted(
                  augmentation.name(), before, Math.min(before.height(), before.width()) - 1));
    }
    return new ImageShape(
        before.channels(), before.height() + 2 * pixels, before.width() + 2 * pixels);
  }

  private List<String> names() {
    return augmentations.stream().map(Augmentation::name).toList();
  }

  /**
   * Applies all augmentations to one image.
   *
   * @param image the image, which stays as it is
   * @param random what the image's random choices are drawn from
   * @return the augmented image, in a buffer that the next call overwrites, or the image itself
   */
  byte[] apply(byte[] image, StatelessRandom random) {
    ImageShape before = shape;
    byte[] current = image;
    for (int i = 0; i < results.length; i++) {
      switch (augmentations.get(i)) {
        case Augmentation.ZeroPad(int pixels) -> zeroPad(current, before, pixels, results[i]);
        case Augmentation.ReflectPad(int pixels) -> reflectPad(current, before, pixels, results[i]);
        case Augmentation.Crop() -> {
          int top = random.nextInt(before.height() - shape.height() + 1);
          int left = random.nextInt(before.width() - shape.width() + 1);
          crop(current, before, top, left, shapes[i], results[i]);
        }
        case Augmentation.Flip() -> flip(current, before, random.nextInt(2) == 1, results[i]);
        case Augmentation.RandomResizedCrop() ->
            ImageCrop.random(before, random).resize(current, before, shapes[i], results[i]);
      }
      before = shapes[i];
      current = results[i];
    }
    return current;
  }

  /** The border of the result is never written, so it stays 0. */
  private static void zeroPad(byte[] image, ImageShape shape, int pixels, byte[] result) {
    int width = shape.width() + 2 * pixels;
    int height = shape.height() + 2 * pixels;
    for (int row = 0; row < shape.channels() * shape.height(); row++) {
      int channel = row / shape.height();
      int target = channel * height + row % shape.height() + pixels;
      System.arraycopy(image, row * shape.width(), result, target * width + pixels, shape.width());
    }
  }

  private static void reflectPad(byte[] image, ImageShape shape, int pixels, byte[] result) {
    int to = 0;
    for (int channel = 0; channel < shape.channels(); channel++) {
      for (int y = -pixels; y < shape.height() + pixels; y++) {
        int row = (channel * shape.height() + reflected(y, shape.height())) * shape.width();
        for (int x = -pixels; x < shape.width() + pixels; x++) {
          result[to++] = image[row + reflected(x, shape.width())];
        }
      }
    }
  }

  /** A coordinate mirrored back into 0 to size - 1; it lies less than size outside. */
  private static int reflected(int coordinate, int size) {
    int above = Math.abs(coordinate);
    return above < size ? above : 2 * (size - 1) - above;
  }

  private static void crop(
      byte[] image, ImageShape shape, int top, int left, ImageShape cropped, byte[] result) {
    int to = 0;
    for (int channel = 0; channel < cropped.channels(); channel++) {
      for (int y = 0; y < cropped.height(); y++) {
        int from = (channel * shape.height() + top + y) * shape.width() + left;
        System.arraycopy(image, from, result, to, cropped.width());
        to += cropped.width();
      }
    }
  }

  private static void flip(byte[] image, ImageShape shape, boolean mirrored, byte[] result) {
    if (!mirrored) {
      System.arraycopy(image, 0, result, 0, shape.size());
      return;
    }
    for (int row = 0; row < shape.size(); row += shape.width()) {
      for (int x = 0; x < shape.width(); x++) {
        result[row + x] = image[row + shape.width() - 1 - x];
      }
    }
  }
}
