package dev.windfall.vector;

import dev.windfall.sparsity.Candidates;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The best of a stream of scored positions: largest magnitude first, and the lower position first
 * where magnitudes are equal. That order is total, so the result does not depend on the order of
 * the stream. Holds twice as many as wanted: when full, the worse half goes, and the worst that
 * stayed is the threshold for what comes.
 */
final class BestPositions {

  /** The longest array that every JVM can hold. */
  private static final int MOST = Integer.MAX_VALUE - 8;

  private final int wanted;
  private final int most;
  private float[] scores;
  private long[] positions;
  private int count;
  private float thresholdMagnitude = -2;
  private long thresholdPosition = Long.MAX_VALUE;

  BestPositions(int wanted) {
    this.wanted = wanted;
    this.most = (int) Math.min(2L * wanted, MOST);
    int initial = Math.min(most, 1024);
    this.scores = new float[initial];
    this.positions = new long[initial];
  }

  /** Considers a position; a score that is no number is worse than 0. */
  void offer(float score, long position) {
    float magnitude = magnitude(score);
    if (magnitude < thresholdMagnitude
        || (magnitude == thresholdMagnitude && position > thresholdPosition)) {
      return;
    }
    if (count == scores.length) {
      makeRoom();
    }
    scores[count] = score;
    positions[count++] = position;
  }

  /** Considers everything that another has kept. */
  void offerAll(BestPositions other) {
    for (int i = 0; i < other.count; i++) {
      offer(other.scores[i], other.positions[i]);
    }
  }

  private void makeRoom() {
    if (count < most) {
      int larger = (int) Math.min(2L * count, most);
      scores = Arrays.copyOf(scores, larger);
      positions = Arrays.copyOf(positions, larger);
      return;
    }
    keepBest();
    thresholdMagnitude = magnitude(scores[wanted - 1]);
    thresholdPosition = positions[wanted - 1];
  }

  private static float magnitude(float score) {
    return Float.isNaN(score) ? -1 : Math.abs(score);
  }

  private boolean isBefore(int a, int b) {
    float first = magnitude(scores[a]);
    float second = magnitude(scores[b]);
    return first > second || (first == second && positions[a] < positions[b]);
  }

  private void swap(int a, int b) {
    float score = scores[a];
    scores[a] = scores[b];
    scores[b] = score;
    long position = positions[a];
    positions[a] = positions[b];
    positions[b] = position;
  }

  /** Quickselect: the best {@code wanted} come first, the worst of them last. */
  private void keepBest() {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int boundary = partition(low, high);
      if (boundary == wanted - 1) {
        break;
      }
      if (boundary < wanted - 1) {
        low = boundary + 1;
      } else {
        high = boundary - 1;
      }
    }
    count = wanted;
  }

  /** Puts the middle element of a range where it belongs; better ones stand before it. */
  private int partition(int low, int high) {
    swap((low + high) >>> 1, high);
    int boundary = low;
    for (int i = low; i < high; i++) {
      if (isBefore(i, high)) {
        swap(i, boundary++);
      }
    }
    swap(boundary, high);
    return boundary;
  }

  /** The best, in order. */
  Candidates sorted() {
    if (count > wanted) {
      keepBest();
    }
    int[] order =
        IntStream.range(0, count)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> -magnitude(scores[i]))
                    .thenComparingLong(i -> positions[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] sortedPositions = new long[count];
    float[] sortedScores = new float[count];
    for (int i = 0; i < count; i++) {
      sortedPositions[i] = positions[order[i]];
      sortedScores[i] = scores[order[i]];
    }
    return new Candidates(sortedPositions, sortedScores);
  }
}
