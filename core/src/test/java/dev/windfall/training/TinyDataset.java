package dev.windfall.training;

import dev.windfall.data.ChannelStatistics;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.random.StatelessRandom;
import java.util.List;

/** Images of 2×3 pixels whose class says which third of their columns is brightest. */
public record TinyDataset(int trainImages, int testImages) implements Dataset {

  @Override
  public String name() {
    return "tiny";
  }

  @Override
  public ImageShape shape() {
    return new ImageShape(1, 2, 3);
  }

  @Override
  public List<String> classNames() {
    return List.of("left", "middle", "right");
  }

  @Override
  public ImageSet train() {
    return images("train", trainImages);
  }

  @Override
  public ImageSet test() {
    return images("test", testImages);
  }

  @Override
  public ChannelStatistics statistics() {
    return new ChannelStatistics(List.of(0.5), List.of(0.25));
  }

  private ImageSet images(String part, int count) {
    byte[] pixels = new byte[count * 6];
    byte[] labels = new byte[count];
    StatelessRandom random = StatelessRandom.of(1, part);
    for (int image = 0; image < count; image++) {
      int[] columns = new int[3];
      for (int pixel = 0; pixel < 6; pixel++) {
        int value = random.nextInt(256);
        pixels[image * 6 + pixel] = (byte) value;
        columns[pixel % 3] += value;
      }
      for (int column = 1; column < 3; column++) {
        labels[image] = (byte) (columns[column] > columns[labels[image]] ? column : labels[image]);
      }
    }
    return new InMemoryImageSet(shape(), pixels, labels);
  }
}
