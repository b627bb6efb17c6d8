package dev.windfall.engine.contract;

import dev.windfall.data.ChannelStatistics;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Random images in random classes, as many as a network tells apart.
 *
 * @param network whose input they are
 * @param count of training and test images each
 */
public record NoiseImages(Network network, int count) implements Dataset {

  @Override
  public String name() {
    return "noise";
  }

  @Override
  public ImageShape shape() {
    Shape input = network.input();
    return new ImageShape(input.channels(), input.height(), input.width());
  }

  @Override
  public List<String> classNames() {
    int classes = network.output().output().channels();
    return IntStream.range(0, classes).mapToObj(String::valueOf).toList();
  }

  @Override
  public ImageSet train() {
    StatelessRandom random = StatelessRandom.of(1, "noise");
    byte[] pixels = new byte[count * shape().size()];
    byte[] labels = new byte[count];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(256);
    }
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(classNames().size());
    }
    return new InMemoryImageSet(shape(), pixels, labels);
  }

  @Override
  public ImageSet test() {
    return train();
  }

  @Override
  public ChannelStatistics statistics() {
    int channels = shape().channels();
    return new ChannelStatistics(
        Collections.nCopies(channels, 0.5), Collections.nCopies(channels, 0.25));
  }
}
