package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ChannelStatisticsTest {
  @Test
  void areThoseOfTheDefinition() {
    int count = 20;
    ChannelStatistics statistics = ChannelStatistics.of(TestImages.SHAPE, TestImages.images(count));
    int plane = TestImages.SHAPE.height() * TestImages.SHAPE.width();
    for (int channel = 0; channel < TestImages.SHAPE.channels(); channel++) {
      double[] values = new double[count * plane];
      for (int i = 0; i < values.length; i++) {
        values[i] = (TestImages.pixels(i / plane)[channel * plane + i % plane] & 0xFF) / 255.0;
      }
      double mean = 0;
      for (double value : values) {
        mean += value / values.length;
      }
      double variance = 0;
      for (double value : values) {
        variance += (value - mean) * (value - mean) / values.length;
      }
      assertThat(statistics.mean().get(channel)).isCloseTo(mean, Offset.offset(1e-12));
      assertThat(statistics.deviation().get(channel))
          .isCloseTo(Math.sqrt(variance), Offset.offset(1e-12));
    }
  }

  @Test
  void aChannelThatNeverVariesGetsTheDeviationOne() {
    ImageShape shape = new ImageShape(2, 1, 1);
    ImageSet images = new InMemoryImageSet(shape, new byte[] {51, 0, 51, 2}, new byte[2]);
    assertThat(ChannelStatistics.of(shape, images))
        .isEqualTo(new ChannelStatistics(List.of(0.2, 1 / 255.0), List.of(1.0, 1 / 255.0)));
  }

  @Test
  void aDatasetStatesThoseOfItsTrainingImagesUnlessItKnowsBetter() {
    Dataset dataset =
        new Dataset() {
          @Override
          public String name() {
            return "own";
          }

          @Override
          public ImageShape shape() {
            return TestImages.SHAPE;
          }

          @Override
          public List<String> classNames() {
            return List.of("a", "b", "c");
          }

          @Override
          public ImageSet train() {
            return TestImages.images(10);
          }

          @Override
          public ImageSet test() {
            return TestImages.images(4);
          }
        };
    assertThat(dataset.statistics())
        .isEqualTo(ChannelStatistics.of(TestImages.SHAPE, TestImages.images(10)));
  }

  @Test
  void numbersThatCannotStandardiseAreRefused() {
    assertThatThrownBy(() -> new ChannelStatistics(List.of(0.5), List.of(1.0, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "channel statistics: one mean and one standard deviation a channel, found 1"
                + " and 2");
    assertThatThrownBy(() -> new ChannelStatistics(List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ChannelStatistics(List.of(Double.NaN), List.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel statistics: means [NaN] must be finite");
    assertThatThrownBy(() -> new ChannelStatistics(List.of(0.5), List.of(0.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel statistics: standard deviations [0.0] must be above 0 and finite");
    assertThatThrownBy(() -> ChannelStatistics.of(TestImages.SHAPE, TestImages.images(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel statistics: no images to compute them from");
  }
}
