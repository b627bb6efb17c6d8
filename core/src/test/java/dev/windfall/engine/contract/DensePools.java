package dev.windfall.engine.contract;

import dev.windfall.network.Layer;
import dev.windfall.network.Shape;
import java.util.ArrayList;
import java.util.List;

/** Pools by their definition. */
public final class DensePools {

  private DensePools() {}

  /**
   * A max pool of a batch.
   *
   * @param result the largest values
   * @param winners for each of them, the index of the first input that has it
   * @param margin the smallest difference between a largest value and a lower one of its window
   */
  public record Maxima(DenseMaps result, int[] winners, double margin) {

    DenseMaps inputGradient(DenseMaps in, DenseMaps gradient) {
      DenseMaps input = DenseMaps.like(in);
      for (int i = 0; i < winners.length; i++) {
        input.values()[winners[i]] += gradient.values()[i];
      }
      return input;
    }
  }

  public static Maxima max(Layer.MaxPool pool, DenseMaps in, Shape shape) {
    DenseMaps out = DenseMaps.zeros(in.samples(), shape);
    int[] winners = new int[out.values().length];
    double margin = Double.POSITIVE_INFINITY;
    for (int sample = 0; sample < in.samples(); sample++) {
      for (int channel = 0; channel < shape.channels(); channel++) {
        for (int y = 0; y < shape.height(); y++) {
          for (int x = 0; x < shape.width(); x++) {
            int place = out.index(sample, channel, y, x);
            int winner = winner(pool, in, sample, channel, y, x);
            winners[place] = winner;
            out.values()[place] = in.values()[winner];
            margin = Math.min(margin, margin(pool, in, sample, channel, y, x, winner));
          }
        }
      }
    }
    return new Maxima(out, winners, margin);
  }

  private static int winner(
      Layer.MaxPool pool, DenseMaps in, int sample, int channel, int y, int x) {
    int winner = -1;
    for (int row = top(pool, y); row < top(pool, y) + pool.kernel(); row++) {
      for (int column = top(pool, x); column < top(pool, x) + pool.kernel(); column++) {
        if (in.contains(row, column)) {
          int index = in.index(sample, channel, row, column);
          winner = winner < 0 || in.values()[index] > in.values()[winner] ? index : winner;
        }
      }
    }
    return winner;
  }

  private static double margin(
      Layer.MaxPool pool, DenseMaps in, int sample, int channel, int y, int x, int winner) {
    double margin = Double.POSITIVE_INFINITY;
    for (int row = top(pool, y); row < top(pool, y) + pool.kernel(); row++) {
      for (int column = top(pool, x); column < top(pool, x) + pool.kernel(); column++) {
        if (in.contains(row, column)) {
          double lower = in.values()[in.index(sample, channel, row, column)];
          double distance = in.values()[winner] - lower;
          margin = distance > 0 ? Math.min(margin, distance) : margin;
        }
      }
    }
    return margin;
  }

  private static int top(Layer.MaxPool pool, int output) {
    return output * pool.stride() - pool.padding();
  }

  /** One position of a window, by the indices of input and output, and its share of the mean. */
  @FunctionalInterface
  private interface Share {
    void at(int input, int output, double share);
  }

  private static void forEachShare(Layer.AveragePool pool, DenseMaps in, DenseMaps out, Share use) {
    Shape shape = out.shape();
    for (int sample = 0; sample < in.samples(); sample++) {
      for (int channel = 0; channel < shape.channels(); channel++) {
        for (int y = 0; y < shape.height(); y++) {
          for (int x = 0; x < shape.width(); x++) {
            List<Integer> window = window(pool, in, sample, channel, y, x);
            int count = pool.countsPadding() ? pool.kernel() * pool.kernel() : window.size();
            for (int input : window) {
              use.at(input, out.index(sample, channel, y, x), 1.0 / count);
            }
          }
        }
      }
    }
  }

  private static List<Integer> window(
      Layer.AveragePool pool, DenseMaps in, int sample, int channel, int y, int x) {
    List<Integer> result = new ArrayList<>();
    for (int i = 0; i < pool.kernel() * pool.kernel(); i++) {
      int row = y * pool.stride() - pool.padding() + i / pool.kernel();
      int column = x * pool.stride() - pool.padding() + i % pool.kernel();
      if (in.contains(row, column)) {
        result.add(in.index(sample, channel, row, column));
      }
    }
    return result;
  }

  public static DenseMaps average(Layer.AveragePool pool, DenseMaps in, Shape shape) {
    DenseMaps out = DenseMaps.zeros(in.samples(), shape);
    forEachShare(pool, in, out, (i, o, share) -> out.values()[o] += share * in.values()[i]);
    return out;
  }

  public static DenseMaps averageGradient(
      Layer.AveragePool pool, DenseMaps in, DenseMaps gradient) {
    DenseMaps input = DenseMaps.like(in);
    forEachShare(
        pool, in, gradient, (i, o, share) -> input.values()[i] += share * gradient.values()[o]);
    return input;
  }

  public static DenseMaps average(DenseMaps in) {
    int positions = in.shape().height() * in.shape().width();
    DenseMaps out = DenseMaps.zeros(in.samples(), Shape.features(in.shape().channels()));
    for (int i = 0; i < in.values().length; i++) {
      out.values()[i / positions] += in.values()[i] / positions;
    }
    return out;
  }

  public static DenseMaps averageGradient(DenseMaps in, DenseMaps gradient) {
    int positions = in.shape().height() * in.shape().width();
    DenseMaps input = DenseMaps.like(in);
    for (int i = 0; i < input.values().length; i++) {
      input.values()[i] = gradient.values()[i / positions] / positions;
    }
    return input;
  }
}
