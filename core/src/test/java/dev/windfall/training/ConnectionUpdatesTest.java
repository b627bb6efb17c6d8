package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.GrownValues;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.LayerShares.Rounding;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.TopologyUpdate;
import dev.windfall.sparsity.UpdateRule;
import dev.windfall.sparsity.UpdateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionUpdatesTest {

  /** Among them a layer of one weight, one of one connection, and a dense one. */
  private static final Network NETWORK =
      new NetworkBuilder("small", Shape.features(3))
          .linear("one", 8)
          .linear("two", 5)
          .linear("bottleneck", 1)
          .linear("single", 1)
          .linear("dense", 6)
          .linear("classifier", 3)
          .build();

  private static final List<Long> CONNECTIONS = List.of(9L, 12L, 1L, 1L, 6L, 4L);
  private static final long TOTAL = 33;
  private static final double[] FRACTIONS = {0, 0.05, 0.1, 0.3, 0.5, 0.9, 1};

  private static LayerDensities densities() {
    List<LayerDensity> layers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS.size(); i++) {
      layers.add(new LayerDensity(NETWORK.prunable().get(i), CONNECTIONS.get(i)));
    }
    return new LayerDensities(layers);
  }

  private static Session open(LayerDensities densities) {
    return new ReferenceEngine()
        .open(
            NETWORK,
            RandomConnectivity.draw(densities, 1),
            new SessionOptions(2, 1, 1, Initialization.HE_FAN_IN));
  }

  /** {@code NAME}, or {@code NAME by REDISTRIBUTION}. */
  private static SparseTrainingMethod method(String text) {
    String[] parts = text.split(" by ", 2);
    SparseTrainingMethod named = SparseTrainingMethod.named(parts[0]);
    return parts.length == 1 ? named : named.redistributing(Redistribution.named(parts[1]));
  }

  private static ConnectionUpdates updates(
      String method, UpdateRule rule, double fraction, Rounding rounding, GrownValues values) {
    return new ConnectionUpdates(
        method(method).by(rule),
        new UpdateSchedule(1, 0, Long.MAX_VALUE, new DropFraction.Constant(fraction), rule),
        values,
        rounding,
        TOTAL,
        null,
        NETWORK,
        1,
        ConnectionUpdates.USUAL_SMOOTHING);
  }

  private static void randomise(Session session, Slot slot, StatelessRandom random) {
    for (Parameter weight : NETWORK.prunable()) {
      int count = session.read(weight.name(), slot).length;
      session.write(weight.name(), slot, random(count, random));
    }
  }

  /** All zero, full of ties, not all numbers, or all different. */
  private static float[] random(int count, StatelessRandom random) {
    int kind = random.nextInt(4);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (kind) {
            case 0 -> 0;
            case 1 -> random.nextInt(3) - 1;
            case 2 -> random.nextInt(5) == 0 ? Float.NaN : random.nextInt(2);
            default -> (float) random.nextGaussian();
          };
    }
    return values;
  }

  /** Averages never forget what is no number; so they are made anew where they are kept. */
  private static void randomiseTraces(Session session, StatelessRandom random) {
    State state = session.snapshot();
    if (!state.traces().isEmpty()) {
      Map<String, float[]> traces = new LinkedHashMap<>();
      for (Parameter weight : NETWORK.prunable()) {
        traces.put(weight.name(), random((int) weight.elements(), random));
      }
      session.restore(new State(state.optimizerSteps(), state.tensors(), traces));
    }
  }

  /** A batch whose gradients are all zero in one case of three, and equal in another. */
  private static void accumulate(Session session, Growth growth, StatelessRandom random) {
    int kind = random.nextInt(3);
    float[] input = new float[6];
    for (int i = 0; i < input.length; i++) {
      input[i] = kind == 1 ? 1 : (float) random.nextGaussian();
    }
    session.accumulate(
        new Batch(input, new int[] {0, 2}, new long[] {0, 1}, 2, 0),
        new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
        Mode.TRAIN,
        kind == 0 ? 0 : 0.5,
        growth);
  }

  /** One update on random values; returns what it did, if there was one. */
  private static Optional<ConnectionUpdates.Outcome> update(
      ConnectionUpdates updates, long step, Session session, StatelessRandom random) {
    randomise(session, Slot.VALUE, random);
    randomise(session, Slot.MOMENTUM, random);
    Optional<ConnectionUpdates.Update> update = updates.at(step, session);
    randomiseTraces(session, random);
    accumulate(session, update.map(ConnectionUpdates.Update::growth).orElse(Growth.NONE), random);
    Optional<ConnectionUpdates.Outcome> outcome =
        update.map(due -> due.prepare(session).apply(session));
    session.clearGradient();
    return outcome;
  }

  private static List<Long> counts(LayerDensities densities) {
    return densities.layers().stream().map(LayerDensity::connections).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "static, AUTHORS",
    "set, AUTHORS",
    "set, REPORT",
    "snfs, AUTHORS",
    "snfs, REPORT",
    "snfs by none, AUTHORS",
    "snfs by gradient, AUTHORS",
    "rigl by momentum, AUTHORS",
    "rigl by gradient, REPORT",
    "set by momentum, AUTHORS",
    "rigl, AUTHORS",
    "rigl, REPORT",
    "rigl-sm, AUTHORS",
    "rigl-sm, REPORT",
    "rigl-sg, AUTHORS",
    "rigl-sg, REPORT"
  })
  void noCountDriftsInTenThousandUpdates(String method, UpdateRule rule) {
    boolean wanders = method(method).redistribution() != Redistribution.NONE;
    StatelessRandom random = StatelessRandom.of(1, "updates test");
    GrownValues.Kind[] kinds = GrownValues.Kind.values();
    List<ConnectionUpdates> updates = new ArrayList<>();
    for (int i = 0; i < FRACTIONS.length; i++) {
      GrownValues.Kind kind = kinds[i % kinds.length];
      boolean knowsGradient = method.startsWith("rigl") || !kind.needsGradient();
      updates.add(
          updates(
              method,
              rule,
              FRACTIONS[i],
              Rounding.EXACT,
              knowsGradient
                  ? new GrownValues(kind, 0.5, Initialization.HE_FAN_IN)
                  : GrownValues.zeros()));
    }
    Set<List<Long>> seen = new LinkedHashSet<>();
    long replaced = 0;
    try (Session session = open(densities())) {
      updates.getFirst().begin(session);
      for (int step = 0; step < 10_000; step++) {
        ConnectionUpdates drawn = updates.get(random.nextInt(updates.size()));
        Optional<ConnectionUpdates.Outcome> outcome = update(drawn, step, session, random);
        LayerDensities now = ConnectionUpdates.densities(NETWORK, session);
        assertThat(now.connections()).isEqualTo(TOTAL);
        assertThat(now.layers()).allMatch(layer -> layer.connections() >= 1);
        assertThat(now.of("dense.weight").isDense()).isTrue();
        outcome.ifPresent(done -> assertThat(done.densities()).isEqualTo(now));
        replaced += outcome.map(ConnectionUpdates.Outcome::replaced).orElse(0L);
        seen.add(counts(now));
      }
    }
    if (wanders) {
      assertThat(seen).hasSizeGreaterThan(5);
    } else {
      assertThat(seen).containsExactly(CONNECTIONS);
    }
    assertThat(replaced > 0).isEqualTo(!method.equals("static"));
  }

  @ParameterizedTest
  @CsvSource({"rigl-sm, REPORT", "rigl-sg, DETTMERS", "rigl-sg, REPORT", "snfs, DETTMERS"})
  void roundingsThatLoseConnectionsDoNotLoseEverMore(String method, Rounding rounding) {
    StatelessRandom random = StatelessRandom.of(2, "updates test");
    ConnectionUpdates updates =
        updates(method, UpdateRule.REPORT, 0.3, rounding, GrownValues.zeros());
    try (Session session = open(densities())) {
      updates.begin(session);
      for (int step = 0; step < 10_000; step++) {
        update(updates, step, session, random);
        assertThat(ConnectionUpdates.densities(NETWORK, session).connections())
            .isBetween(TOTAL - 6, TOTAL + 6);
      }
    }
  }

  /** Rounded up, the share of every full layer is passed on to the one that has room. */
  @Test
  void aLayerMayGrowMoreThanAllDropByRounding() {
    Network network =
        new NetworkBuilder("tight", Shape.features(2))
            .linear("one", 2)
            .linear("two", 2)
            .linear("three", 2)
            .linear("wide", 500)
            .linear("classifier", 2)
            .build();
    List<LayerDensity> layers = new ArrayList<>();
    long[] connections = {3, 3, 3, 10, 1000};
    for (int i = 0; i < connections.length; i++) {
      layers.add(new LayerDensity(network.prunable().get(i), connections[i]));
    }
    ConnectionUpdates updates =
        new ConnectionUpdates(
            method("rigl by gradient"),
            new UpdateSchedule(1, 0, 10, new DropFraction.Constant(0.2)),
            GrownValues.zeros(),
            Rounding.DETTMERS,
            1019,
            null,
            network,
            1,
            ConnectionUpdates.USUAL_SMOOTHING);
    int grewMore = 0;
    for (int seed = 0; seed < 200; seed++) {
      try (Session session =
          new ReferenceEngine()
              .open(
                  network,
                  RandomConnectivity.draw(new LayerDensities(layers), seed),
                  new SessionOptions(1, 1, seed, Initialization.HE_FAN_IN))) {
        ConnectionUpdates.Update update = updates.at(0, session).orElseThrow();
        float[] input = new float[2];
        Arrays.fill(input, 1);
        session.accumulate(
            new Batch(input, new int[] {0}, new long[] {0}, 1, 0),
            new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
            Mode.TRAIN,
            1,
            update.growth());
        long now = update.prepare(session).apply(session).densities().connections();
        assertThat(now).isBetween(1019L - 5, 1019L + 5);
        grewMore += now > 1019 ? 1 : 0;
      }
    }
    assertThat(grewMore).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "gmp, false, AUTHORS",
    "gmp, true, AUTHORS",
    "gmp, true, REPORT",
    "one-shot, false, REPORT",
    "one-shot, true, AUTHORS"
  })
  void pruningMeetsItsGoalInTenThousandUpdates(String method, boolean together, UpdateRule rule) {
    StatelessRandom random = StatelessRandom.of(3, "updates test");
    Set<String> ranked = new LinkedHashSet<>();
    if (together) {
      NETWORK.prunable().forEach(weight -> ranked.add(weight.name()));
      ranked.remove("dense.weight");
    }
    SparseTrainingMethod composition = SparseTrainingMethod.named(method).by(rule);
    ConnectionUpdates updates =
        new ConnectionUpdates(
            composition,
            new UpdateSchedule(3, 6, 44, new DropFraction.Constant(0), rule),
            GrownValues.zeros(),
            Rounding.EXACT,
            0,
            new PruningGoal(densities(), ranked),
            NETWORK,
            1,
            ConnectionUpdates.USUAL_SMOOTHING);
    long dense = 24 + 40 + 5 + 1 + 6 + 18;
    int changes = 0;
    for (int training = 0; training < (method.equals("gmp") ? 800 : 10_000); training++) {
      try (Session session = open(LayerDensities.dense(NETWORK.prunable()))) {
        long before = dense;
        for (int step = 0; step < 50; step++) {
          if (updates.at(step, session).isEmpty()) {
            continue;
          }
          update(updates, step, session, random);
          changes++;
          LayerDensities now = ConnectionUpdates.densities(NETWORK, session);
          assertThat(now.connections()).isLessThanOrEqualTo(before);
          assertThat(now.layers()).allMatch(layer -> layer.connections() >= 1);
          before = now.connections();
        }
        LayerDensities end = ConnectionUpdates.densities(NETWORK, session);
        assertThat(end.connections()).isEqualTo(TOTAL);
        if (!together) {
          assertThat(counts(end)).isEqualTo(CONNECTIONS);
        }
      }
    }
    assertThat(changes).isGreaterThanOrEqualTo(10_000);
  }

  private static final Network TEN =
      new NetworkBuilder("ten", Shape.features(10))
          .linear("linear", 1)
          .linear("classifier", 2)
          .build();

  private static final float[] GRADIENTS = {
    0.01f, 0.9f, 0.02f, 0.8f, 0.03f, 0.04f, 0.5f, -0.7f, 0.1f, 0.85f
  };

  /**
   * The known vector: six connections at positions 0 to 5 of ten, all of momentum 1, with an input
   * to which the gradients of all ten are proportional. Returns values and momenta by position, NaN
   * where there is no connection.
   */
  private static float[][] known(UpdateRule rule, double fraction) {
    return known(rule, fraction, session -> {});
  }

  private static float[][] known(
      UpdateRule rule, double fraction, Consumer<Session> betweenBatchAndChange) {
    Map<String, Connectivity> connections =
        Map.of(
            "linear.weight",
            Connectivity.ofPositions(1, 10, new long[] {0, 1, 2, 3, 4, 5}),
            "classifier.weight",
            Connectivity.dense(2, 1));
    try (Session session =
        new ReferenceEngine()
            .open(TEN, connections, new SessionOptions(1, 1, 1, Initialization.HE_FAN_IN))) {
      session.write(
          "linear.weight", Slot.VALUE, new float[] {0.5f, -0.1f, 0.3f, -0.05f, 0.2f, -0.4f});
      session.write("linear.weight", Slot.MOMENTUM, new float[] {1, 1, 1, 1, 1, 1});
      ConnectionUpdates updates =
          new ConnectionUpdates(
              SparseTrainingMethod.named("rigl").by(rule),
              new UpdateSchedule(1, 0, 10, new DropFraction.Constant(fraction), rule),
              TEN,
              1);
      ConnectionUpdates.Update update = updates.at(0, session).orElseThrow();
      assertThat(update.replacesStep()).isTrue();
      session.accumulate(
          new Batch(GRADIENTS, new int[] {0}, new long[] {0}, 1, 0),
          new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
          Mode.TRAIN,
          1,
          update.growth());
      ConnectionUpdates.Change change = update.prepare(session);
      betweenBatchAndChange.accept(session);
      change.apply(session);
      Connectivity now = session.connectivity("linear.weight");
      float[][] found = new float[2][10];
      Arrays.fill(found[0], Float.NaN);
      Arrays.fill(found[1], Float.NaN);
      for (int i = 0; i < now.count(); i++) {
        found[0][now.column(i)] = session.read("linear.weight", Slot.VALUE)[i];
        found[1][now.column(i)] = session.read("linear.weight", Slot.MOMENTUM)[i];
      }
      return found;
    }
  }

  private static final float NONE = Float.NaN;

  @Test
  void theAuthorsKeepWhatGrowsAgain() {
    float[][] found = known(UpdateRule.AUTHORS, 0.5);
    assertThat(found[0])
        .containsExactly(0.5f, -0.1f, 0.3f, -0.05f, NONE, -0.4f, NONE, NONE, NONE, 0);
    assertThat(found[1]).containsExactly(1, 1, 1, 1, NONE, 1, NONE, NONE, NONE, 0);
    found = known(UpdateRule.AUTHORS, 0.3);
    assertThat(found[0]).containsExactly(0.5f, -0.1f, 0.3f, NONE, 0.2f, -0.4f, NONE, NONE, NONE, 0);
  }

  @Test
  void theReportStartsAllGrownConnectionsAtZeroAndKeepsTheirMomentum() {
    float[][] found = known(UpdateRule.REPORT, 0.5);
    assertThat(found[0]).containsExactly(0.5f, 0, 0.3f, 0, NONE, -0.4f, NONE, NONE, NONE, 0);
    assertThat(found[1]).containsExactly(1, 1, 1, 1, NONE, 1, NONE, NONE, NONE, 0);
    found = known(UpdateRule.REPORT, 0.3);
    assertThat(found[0]).containsExactly(0.5f, 0, 0.3f, NONE, 0.2f, -0.4f, NONE, NONE, NONE, 0);
  }

  /** A batch whose gradients are proportional to the input, by a known factor. */
  private static void accumulateTen(Session session, float[] gradients) {
    session.accumulate(
        new Batch(gradients, new int[] {0}, new long[] {0}, 1, 0),
        new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
        Mode.TRAIN,
        1,
        Growth.NONE);
  }

  /**
   * e' = 0.9 e + 0.1 g, which decides where the gradient of the last batch alone would decide
   * otherwise; the optimizer's rate of 0 leaves all values as they are.
   */
  @Test
  void averagedGradientsGrowWhatWasLargeBefore() {
    Map<String, Connectivity> connections =
        Map.of(
            "linear.weight",
            Connectivity.ofPositions(1, 10, new long[] {0, 1, 2, 3, 4, 5}),
            "classifier.weight",
            Connectivity.dense(2, 1));
    OptimizerStep still = new OptimizerStep.Sgd(0, 0.9, false, 0, false);
    ConnectionUpdates updates =
        new ConnectionUpdates(
            SparseTrainingMethod.named("snfs"),
            new UpdateSchedule(1, 0, 10, new DropFraction.Constant(0.5)),
            TEN,
            1);
    try (Session session =
        new ReferenceEngine()
            .open(TEN, connections, new SessionOptions(1, 1, 1, Initialization.HE_FAN_IN))) {
      updates.begin(session);
      DenseTrace trace = session.capability(DenseTrace.class).orElseThrow();
      float[] values = {0.5f, -0.1f, 0.3f, -0.05f, 0.2f, -0.4f};
      session.write("linear.weight", Slot.VALUE, values);
      session.write("linear.weight", Slot.MOMENTUM, new float[] {1, 1, 1, 1, 1, 1});
      // The bias's gradient is the factor; the input weighs it.
      accumulateTen(session, GRADIENTS);
      double first = session.read("linear.bias", Slot.GRADIENT)[0];
      assertThat(trace.read("linear.weight")[1]).isCloseTo((float) (0.09 * first), within(1e-7f));
      session.apply(still);
      float[] later = {0.1f, 0, 0.1f, 0, 0.1f, 0.1f, 0.9f, 0, 0, 0.1f};
      ConnectionUpdates.Update update = updates.at(1, session).orElseThrow();
      assertThat(update.replacesStep()).isFalse();
      assertThat(update.growth()).isEqualTo(Growth.NONE);
      accumulateTen(session, later);
      double second = session.read("linear.bias", Slot.GRADIENT)[0];
      float[] expected = new float[10];
      for (int i = 0; i < 10; i++) {
        expected[i] = (float) (0.9 * 0.1 * first * GRADIENTS[i] + 0.1 * second * later[i]);
      }
      float[] kept = trace.read("linear.weight");
      for (int i = 0; i < 6; i++) {
        assertThat(kept[i]).isCloseTo(expected[i], within(1e-7f));
      }
      assertThat(trace.candidates("linear.weight", 4).positions())
          .isEqualTo(byMagnitude(expected, 6, 7, 8, 9));
      ConnectionUpdates.Change change = update.prepare(session);
      session.apply(still);
      change.apply(session);
      // Three of the smallest went: 1, 3 and 4; the best three of all but 0, 2 and 5 came.
      long[] best = Arrays.copyOf(byMagnitude(expected, 1, 3, 4, 6, 7, 8, 9), 3);
      Set<Long> now = new TreeSet<>(List.of(0L, 2L, 5L));
      Arrays.stream(best).forEach(now::add);
      assertThat(session.connectivity("linear.weight").toPositions())
          .isEqualTo(now.stream().mapToLong(Long::longValue).toArray());
      // The average knows no connections, and does not change with them.
      assertThat(session.snapshot().traces().get("linear.weight"))
          .containsExactly(expected, within(1e-7f));
    }
  }

  private static long[] byMagnitude(float[] scores, Integer... positions) {
    return Arrays.stream(positions)
        .sorted(Comparator.comparingDouble(position -> -Math.abs(scores[position])))
        .mapToLong(Integer::longValue)
        .toArray();
  }

  @Test
  void anUpdateAfterTheStepGrowsByTheGradientsThatTheStepUsed() {
    // The step clears the gradients and, at a rate of 0, changes no value.
    float[][] found =
        known(
            UpdateRule.AUTHORS,
            0.5,
            session -> session.apply(new OptimizerStep.Sgd(0, 0, false, 0, false)));
    assertThat(found[0])
        .containsExactly(0.5f, -0.1f, 0.3f, -0.05f, NONE, -0.4f, NONE, NONE, NONE, 0);
  }

  @ParameterizedTest
  @EnumSource(UpdateRule.class)
  void weightsThatStartAnewAreCountedExactlyAndForgetTheirMomentum(UpdateRule rule) {
    StatelessRandom random = StatelessRandom.of(4, "updates test");
    LayerDensities dense = LayerDensities.dense(NETWORK.prunable());
    GrownValues initial = new GrownValues(GrownValues.Kind.INITIAL, 1, Initialization.HE_FAN_IN);
    try (Session session = open(dense)) {
      for (int step = 0; step < 10_000; step++) {
        double fraction = FRACTIONS[random.nextInt(FRACTIONS.length)];
        ConnectionUpdates updates = updates("retraining", rule, fraction, Rounding.EXACT, initial);
        randomise(session, Slot.VALUE, random);
        for (Parameter weight : NETWORK.prunable()) {
          float[] ones = new float[(int) weight.elements()];
          Arrays.fill(ones, 1);
          session.write(weight.name(), Slot.MOMENTUM, ones);
        }
        Map<String, float[]> before = values(session);
        Optional<ConnectionUpdates.Update> update = updates.at(step, session);
        accumulate(session, Growth.NONE, random);
        long restarted =
            update
                .map(due -> due.prepare(session).apply(session))
                .map(ConnectionUpdates.Outcome::replaced)
                .orElse(0L);
        long expected = 0;
        for (Parameter weight : NETWORK.prunable()) {
          int count = (int) rule.share(fraction, weight.elements());
          expected += count;
          float[] momenta = session.read(weight.name(), Slot.MOMENTUM);
          float[] old = Objects.requireNonNull(before.get(weight.name()));
          int[] weakest = TopologyUpdate.weakest(old, count);
          float[] now = session.read(weight.name(), Slot.VALUE);
          for (int i : weakest) {
            old[i] = now[i];
          }
          assertThat(now).isEqualTo(old);
          for (int i = 0; i < momenta.length; i++) {
            assertThat(momenta[i]).isEqualTo(Arrays.binarySearch(weakest, i) >= 0 ? 0 : 1);
          }
        }
        assertThat(restarted).isEqualTo(expected);
        assertThat(ConnectionUpdates.densities(NETWORK, session)).isEqualTo(dense);
        session.clearGradient();
      }
    }
  }

  private static Map<String, float[]> values(Session session) {
    Map<String, float[]> values = new LinkedHashMap<>();
    NETWORK
        .prunable()
        .forEach(weight -> values.put(weight.name(), session.read(weight.name(), Slot.VALUE)));
    return values;
  }

  @Test
  void weightsThatStartAnewAreDrawnAnewAtEveryUpdate() {
    ConnectionUpdates updates =
        updates(
            "retraining",
            UpdateRule.AUTHORS,
            0.5,
            Rounding.EXACT,
            new GrownValues(GrownValues.Kind.INITIAL, 1, Initialization.HE_FAN_IN));
    float[][] drawn = new float[2][];
    for (int step = 0; step < 2; step++) {
      try (Session session = open(LayerDensities.dense(NETWORK.prunable()))) {
        float[] values = session.read("one.weight", Slot.VALUE);
        Arrays.fill(values, 0, 12, 0);
        Arrays.fill(values, 12, 24, 9);
        session.write("one.weight", Slot.VALUE, values);
        ConnectionUpdates.Update update = updates.at(step, session).orElseThrow();
        assertThat(update.replacesStep()).isTrue();
        assertThat(update.growth()).isEqualTo(Growth.NONE);
        update.prepare(session).apply(session);
        drawn[step] = session.read("one.weight", Slot.VALUE);
        assertThat(Arrays.copyOfRange(drawn[step], 12, 24)).containsOnly(9);
        assertThat(Arrays.copyOfRange(drawn[step], 0, 12)).doesNotContain(0);
      }
    }
    assertThat(drawn[1]).isNotEqualTo(drawn[0]);
  }

  @Test
  void aGoalGoesWithPruningOnly() {
    UpdateSchedule schedule = new UpdateSchedule(1, 0, 9, new DropFraction.Constant(0));
    assertThatThrownBy(
            () -> new ConnectionUpdates(SparseTrainingMethod.named("gmp"), schedule, NETWORK, 1))
        .hasMessage("method gmp with no goal of pruning");
  }
}
