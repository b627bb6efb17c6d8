package dev.windfall.sparsity;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The update of one tensor's connections: drop some, grow as many, so that their number never
 * changes (Mocanu et al. 2018; Evci et al. 2020, Algorithm 1); or, where connections wander between
 * layers, more or fewer. What is grown is chosen among all connections that were not kept, those
 * just dropped included: a connection that is dropped and grown in the same update never ceased to
 * exist, and keeps its optimizer state.
 *
 * <p>An update goes in two steps. {@link #dropCount} and {@link #weakest} say which connections are
 * dropped, as ascending indices in connection order; {@link #growByGradient} or {@link
 * #growAtRandom} chooses what grows and gives the change; {@link #prune} grows nothing. All choices
 * are total: equal scores go by canonical position.
 */
public final class TopologyUpdate {

  private TopologyUpdate() {}

  /**
   * How many connections an update replaces: ⌊fraction · connections⌋ or, by the report's rule,
   * ⌈fraction · connections⌉, with the fraction read as a decimal number of 15 digits, so that 0.3
   * of 10 are 3. A dense tensor has no other connections and is skipped: 0.
   *
   * @param fraction from 0 to 1
   * @param connectivity the connections before the update
   * @param rule how the fraction becomes a whole number
   * @throws IllegalArgumentException for a fraction out of range
   */
  public static int dropCount(double fraction, Connectivity connectivity, UpdateRule rule) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("drop fraction must be from 0 to 1, not " + fraction);
    }
    return connectivity.isDense() ? 0 : Math.toIntExact(rule.share(fraction, connectivity.count()));
  }

  /**
   * The connections of smallest magnitude: the drop criterion of SET and RigL. Of equal magnitudes
   * the first goes; NaN counts as larger than infinity. Takes time proportional to the connections.
   *
   * @param values the weights, in connection order
   * @param count how many to drop, from 0 to all
   * @return their indices, ascending
   * @throws IllegalArgumentException for a count out of range
   */
  public static int[] weakest(float[] values, int count) {
    return first(values.length, i -> RankThreshold.smallestFirst(values[i]), count);
  }

  /**
   * The connections of lowest score, those below 0 first. Of equal scores the first goes; NaN
   * counts as higher than infinity. Takes time proportional to the connections.
   *
   * @param scores in connection order
   * @param count how many to drop, from 0 to all
   * @return their indices, ascending
   * @throws IllegalArgumentException for a count out of range
   */
  static int[] lowest(float[] scores, int count) {
    return first(scores.length, i -> RankThreshold.lowestFirst(scores[i]), count);
  }

  private static int[] first(int connections, IntUnaryOperator rankAt, int count) {
    if (count < 0 || count > connections) {
      throw new IllegalArgumentException(
          "%d connections to drop of %d".formatted(count, connections));
    }
    RankThreshold threshold = RankThreshold.of(connections, rankAt, count);
    int[] indices = new int[count];
    int ties = threshold.ties();
    int size = 0;
    for (int i = 0; i < connections && size < count; i++) {
      int rank = rankAt.applyAsInt(i);
      if (rank < threshold.rank() || (rank == threshold.rank() && ties-- > 0)) {
        indices[size++] = i;
      }
    }
    return indices;
  }

  /**
   * Grows where the gradient is largest: the criterion of RigL (Evci et al. 2020), and with
   * averaged gradients that of SNFS (Dettmers &amp; Zettlemoyer 2019). Of equal magnitudes the
   * lower position grows; NaN counts as smaller than 0.
   *
   * @param tensor the tensor's name
   * @param connectivity the connections before the update
   * @param dropped indices of the dropped connections, ascending
   * @param droppedGradients their gradients, in the order of {@code dropped}
   * @param candidates inactive positions with their gradients, of the same scale; at least as many
   *     of the best as shall grow, or all there are; in any order
   * @param count how many connections grow
   * @return what is dropped and grown
   * @throws IllegalArgumentException where the arguments do not fit each other, a candidate exists
   *     already or stands twice, or there are too few
   */
  public static Replacement growByGradient(
      String tensor,
      Connectivity connectivity,
      int[] dropped,
      float[] droppedGradients,
      Candidates candidates,
      int count) {
    requireAscending(tensor, connectivity, dropped);
    requireRoom(tensor, connectivity, dropped, count);
    requireEnough(tensor, connectivity, dropped, droppedGradients, candidates, count);
    Contest contest = new Contest(positions(connectivity, dropped), droppedGradients, candidates);
    return contest.decide(tensor, count);
  }

  /**
   * Grows at random, all positions that were not kept being equally likely: the criterion of SET
   * (Mocanu et al. 2018). A pure function of seed, tensor, step and connections; the time goes with
   * the number of grown connections, never with the positions of the dense tensor.
   *
   * @param tensor the tensor's name
   * @param connectivity the connections before the update
   * @param dropped indices of the dropped connections, ascending
   * @param count how many connections grow
   * @param seed of the run
   * @param step of the update
   * @return what is dropped and grown
   * @throws IllegalArgumentException where the dropped connections do not exist, or more shall grow
   *     than find room
   */
  public static Replacement growAtRandom(
      String tensor, Connectivity connectivity, int[] dropped, int count, long seed, long step) {
    requireAscending(tensor, connectivity, dropped);
    requireRoom(tensor, connectivity, dropped, count);
    long inactive = connectivity.positions() - connectivity.count();
    StatelessRandom random = StatelessRandom.of(seed, tensor + " growth", step);
    // Numbers below `inactive` are connections that did not exist, the others just dropped ones.
    long[] chosen = DistinctNumbers.draw(random, inactive + dropped.length, count);
    int grown = 0;
    while (grown < chosen.length && chosen[grown] < inactive) {
      grown++;
    }
    long[] grownPositions = new long[grown];
    for (int i = 0; i < grown; i++) {
      grownPositions[i] = connectivity.inactivePosition(chosen[i]);
    }
    long[] regrown = new long[count - grown];
    long[] lost = new long[dropped.length - regrown.length];
    int next = 0;
    for (int i = 0; i < dropped.length; i++) {
      long position = connectivity.position(dropped[i]);
      if (next < regrown.length && chosen[grown + next] == inactive + i) {
        regrown[next++] = position;
      } else {
        lost[i - next] = position;
      }
    }
    return new Replacement(
        tensor, lost, grownPositions, new float[grown], regrown, new float[regrown.length]);
  }

  /**
   * Drops connections and grows none: pruning.
   *
   * @param tensor the tensor's name
   * @param connectivity the connections before the update
   * @param dropped indices of the dropped connections, ascending
   * @throws IllegalArgumentException where the dropped connections do not exist
   */
  public static Replacement prune(String tensor, Connectivity connectivity, int[] dropped) {
    requireAscending(tensor, connectivity, dropped);
    return Replacement.dropping(tensor, positions(connectivity, dropped));
  }

  private static void requireRoom(
      String tensor, Connectivity connectivity, int[] dropped, int count) {
    long room = connectivity.positions() - connectivity.count() + dropped.length;
    if (count < 0 || count > room) {
      throw new IllegalArgumentException(
          "%s: %d connections shall grow where there is room for %d"
              .formatted(tensor, count, room));
    }
  }

  private static long[] positions(Connectivity connectivity, int[] indices) {
    return Arrays.stream(indices).mapToLong(connectivity::position).toArray();
  }

  private static void requireAscending(String tensor, Connectivity connectivity, int[] dropped) {
    int previous = -1;
    for (int index : dropped) {
      if (index <= previous || index >= connectivity.count()) {
        throw new IllegalArgumentException(
            "%s: dropped connection %d after %d; indices ascend from 0 to %d"
                .formatted(tensor, index, previous, connectivity.count() - 1));
      }
      previous = index;
    }
  }

  private static void requireEnough(
      String tensor,
      Connectivity connectivity,
      int[] dropped,
      float[] droppedGradients,
      Candidates candidates,
      int count) {
    if (droppedGradients.length != dropped.length) {
      throw new IllegalArgumentException(
          "%s: %d dropped connections with %d gradients"
              .formatted(tensor, dropped.length, droppedGradients.length));
    }
    long wanted = Math.min(count, connectivity.positions() - connectivity.count());
    if (candidates.count() < wanted) {
      throw new IllegalArgumentException(
          "%s: %d growth candidates; %d connections shall grow, so there must be %d"
              .formatted(tensor, candidates.count(), count, wanted));
    }
    for (long position : candidates.positions()) {
      if (connectivity.contains(position)) {
        throw new IllegalArgumentException(
            "%s: the growth candidate %d exists already".formatted(tensor, position));
      }
    }
  }

  /**
   * The just-dropped connections and the candidates, of which some grow.
   *
   * @param dropped canonical positions, ascending
   * @param gradients of the dropped
   * @param candidates the others
   */
  private record Contest(long[] dropped, float[] gradients, Candidates candidates) {

    Replacement decide(String tensor, int count) {
      RankThreshold threshold =
          RankThreshold.of(Math.addExact(dropped.length, candidates.count()), this::rank, count);
      long lastTied = lastTied(threshold);
      int regrown = 0;
      for (int i = 0; i < dropped.length; i++) {
        regrown += grows(i, threshold, lastTied) ? 1 : 0;
      }
      long[] again = new long[regrown];
      float[] againScores = new float[regrown];
      long[] lost = new long[dropped.length - regrown];
      int size = 0;
      for (int i = 0; i < dropped.length; i++) {
        if (grows(i, threshold, lastTied)) {
          again[size] = dropped[i];
          againScores[size++] = gradients[i];
        } else {
          lost[i - size] = dropped[i];
        }
      }
      int[] grown = grownCandidates(threshold, lastTied);
      long[] positions = new long[grown.length];
      float[] scores = new float[grown.length];
      for (int i = 0; i < grown.length; i++) {
        positions[i] = candidates.positions()[grown[i]];
        scores[i] = candidates.scores()[grown[i]];
      }
      return new Replacement(tensor, lost, positions, scores, again, againScores);
    }

    /** Which candidates grow, by ascending position. */
    private int[] grownCandidates(RankThreshold threshold, long lastTied) {
      return IntStream.range(0, candidates.count())
          .filter(i -> grows(dropped.length + i, threshold, lastTied))
          .boxed()
          .sorted(Comparator.comparingLong(i -> candidates.positions()[i]))
          .mapToInt(Integer::intValue)
          .toArray();
    }

    /** The highest position that grows among those whose rank is that of the threshold. */
    private long lastTied(RankThreshold threshold) {
      if (threshold.ties() == 0) {
        return -1;
      }
      long[] tied = new long[dropped.length + candidates.count()];
      int size = 0;
      for (int i = 0; i < tied.length; i++) {
        if (rank(i) == threshold.rank()) {
          tied[size++] = position(i);
        }
      }
      Arrays.sort(tied, 0, size);
      return tied[threshold.ties() - 1];
    }

    private boolean grows(int i, RankThreshold threshold, long lastTied) {
      int rank = rank(i);
      return rank < threshold.rank() || (rank == threshold.rank() && position(i) <= lastTied);
    }

    private int rank(int i) {
      return RankThreshold.largestFirst(
          i < dropped.length ? gradients[i] : candidates.scores()[i - dropped.length]);
    }

    private long position(int i) {
      return i < dropped.length ? dropped[i] : candidates.positions()[i - dropped.length];
    }
  }
}
