package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageBatch;
import dev.windfall.data.Split;
import dev.windfall.engine.Objective;
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
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.UpdateRule;
import dev.windfall.sparsity.UpdateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainerTest {

  private static final Dataset DATA = new TinyDataset(130, 40);

  private static final Network NETWORK =
      new NetworkBuilder("tiny", new Shape(1, 2, 3))
          .flatten("flatten")
          .linear("linear1", 10)
          .batchNorm("norm1")
          .relu("relu1")
          .dropout("dropout", 0.1)
          .linear("linear2", 8)
          .relu("relu2")
          .linear("classifier", 3)
          .build();

  private static final OptimizerSettings SGD = new OptimizerSettings.Sgd(0.9, true, 1e-4, false);
  private static final OptimizerSettings ADAM =
      new OptimizerSettings.Adam(0.9, 0.999, 1e-8, 1e-4, false);

  private static final Objective.CrossEntropy LABELS =
      new Objective.CrossEntropy(0.1, Objective.SmoothingOver.ALL);

  private final List<TrainingEvent> events = new ArrayList<>();

  /** 117 training samples in batches of 25: five steps an epoch, the last of 17 samples. */
  private static TrainingPlan plan(String method, int epochs, double rate, double validation) {
    return plan(method, epochs, rate, validation, Variant.PLAIN);
  }

  /** What few tests change. */
  private record Variant(
      OptimizerSettings optimizer,
      @Nullable Double clip,
      int batchSize,
      int accumulate,
      Objective objective,
      @Nullable WeightAveraging averaging) {
    static final Variant PLAIN = new Variant(SGD, null, 25, 1);

    /** Averages the weights of epochs 3, 5 and 7 of eight. */
    static final Variant AVERAGING =
        new Variant(SGD, null, 25, 1, LABELS, new WeightAveraging(10, 2));

    Variant(OptimizerSettings optimizer, @Nullable Double clip, int batchSize, int accumulate) {
      this(optimizer, clip, batchSize, accumulate, LABELS, null);
    }

    /** With a teacher. */
    static Variant taught(double weight, double temperature) {
      Objective objective = new Objective.Distillation(LABELS, weight, temperature);
      return new Variant(SGD, null, 25, 1, objective, null);
    }
  }

  private static TrainingPlan plan(
      String method, int epochs, double rate, double validation, Variant variant) {
    Split split = Split.of(DATA.train(), validation, Split.Rule.RANDOM, 3);
    DataLoader samples =
        DataLoader.training(
            DATA, split.train(), new BatchOptions(variant.batchSize, false, List.of(), 3));
    long steps = (long) epochs * Math.ceilDiv(samples.batchesPerEpoch(), variant.accumulate);
    return new TrainingPlan(
        samples,
        variant.accumulate,
        DataLoader.evaluation(DATA, split.validation(), 25),
        DataLoader.evaluation(DATA, DATA.test(), 25),
        epochs,
        new LearningRate(rate, new LearningRateSchedule.Cosine(), 2, steps),
        variant.optimizer,
        variant.clip,
        variant.objective,
        new ConnectionUpdates(
            SparseTrainingMethod.named(method),
            UpdateSchedule.over(
                3, 0, 0.75, steps, new DropFraction.Cosine(0.3), UpdateRule.AUTHORS),
            NETWORK,
            3),
        2,
        variant.averaging);
  }

  private static Session open() {
    return open(NETWORK);
  }

  private static Session open(Network network) {
    Map<String, Connectivity> connectivity = new LinkedHashMap<>();
    connectivity.put("linear1.weight", Connectivity.dense(10, 6));
    connectivity.put("linear2.weight", RandomConnectivity.draw(NETWORK.prunable().get(1), 20, 3));
    connectivity.put("classifier.weight", RandomConnectivity.draw(NETWORK.prunable().get(2), 9, 3));
    return new ReferenceEngine()
        .open(network, connectivity, new SessionOptions(50, 1, 3, Initialization.HE_FAN_IN));
  }

  private Trainer trainer(TrainingPlan plan, Session session, Progress from) {
    return new Trainer(plan, session, from, events::add);
  }

  private <T extends TrainingEvent> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "static", "set", "rigl", "rigl-sm", "rigl-sg"})
  void trainingLearns(String method) {
    try (Session session = open()) {
      Progress end = trainer(plan(method, 40, 0.05, 0.1), session, Progress.START).train(p -> true);
      assertThat(end.step()).isEqualTo(200);
      TrainingEvent.EpochEvaluated last = events(TrainingEvent.EpochEvaluated.class).getLast();
      assertThat(last.epoch()).isEqualTo(40);
      assertThat(last.test()).isNotNull();
      assertThat(end.bestValidationAccuracy()).isGreaterThan(0.8);
      assertThat(end.bestTestAccuracy()).isGreaterThan(0.7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"set", "rigl"})
  void countsAreExactAndDenseLayersAreLeftAlone(String method) {
    try (Session session = open()) {
      Connectivity before = session.connectivity("linear2.weight");
      Progress end =
          trainer(plan(method, 8, 0.05, 0.1), session, Progress.START)
              .train(
                  progress -> {
                    assertThat(session.connectivity("linear1.weight").isDense()).isTrue();
                    assertThat(session.connectivity("linear2.weight").count()).isEqualTo(20);
                    assertThat(session.connectivity("classifier.weight").count()).isEqualTo(9);
                    return true;
                  });
      List<TrainingEvent.TopologyUpdated> updates = events(TrainingEvent.TopologyUpdated.class);
      // ΔT = 3 until step 30; from step 24 on the fraction is less than one connection.
      assertThat(updates)
          .extracting(TrainingEvent.TopologyUpdated::step)
          .containsExactly(0L, 3L, 6L, 9L, 12L, 15L, 18L, 21L);
      assertThat(end.topologyUpdates()).isEqualTo(8);
      assertThat(updates.getFirst().fraction()).isEqualTo(0.3);
      assertThat(end.connectionsReplaced())
          .isPositive()
          .isEqualTo(updates.stream().mapToLong(update -> update.outcome().replaced()).sum());
      assertThat(session.connectivity("linear2.weight")).isNotEqualTo(before);
    }
  }

  @Test
  void aRigLUpdateReplacesTheStepAndASetUpdateFollowsIt() {
    try (Session rigl = open();
        Session set = open();
        Session untrained = open()) {
      trainer(plan("rigl", 8, 0.05, 0.1), rigl, Progress.START).train(p -> p.step() < 1);
      trainer(plan("set", 8, 0.05, 0.1), set, Progress.START).train(p -> p.step() < 1);
      assertThat(rigl.read("linear1.weight", Slot.VALUE))
          .isEqualTo(untrained.read("linear1.weight", Slot.VALUE));
      assertThat(set.read("linear1.weight", Slot.VALUE))
          .isNotEqualTo(untrained.read("linear1.weight", Slot.VALUE));
      assertThat(rigl.read("linear2.weight", Slot.GRADIENT)).containsOnly(0);
      assertThat(rigl.connectivity("linear2.weight"))
          .isNotEqualTo(untrained.connectivity("linear2.weight"));
    }
  }

  @Test
  void newConnectionsStartAtZeroAndTheOthersKeepTheirValue() {
    try (Session session = open();
        Session untrained = open()) {
      trainer(plan("rigl", 8, 0.05, 0.1), session, Progress.START).train(p -> p.step() < 1);
      Connectivity old = untrained.connectivity("linear2.weight");
      Connectivity now = session.connectivity("linear2.weight");
      float[] values = session.read("linear2.weight", Slot.VALUE);
      float[] initial = untrained.read("linear2.weight", Slot.VALUE);
      long[] positions = now.toPositions();
      int grown = 0;
      for (int i = 0; i < positions.length; i++) {
        int before = (int) old.indexOf(positions[i]);
        grown += before < 0 ? 1 : 0;
        assertThat(values[i]).isEqualTo(before < 0 ? 0 : initial[before]);
      }
      assertThat(grown).isBetween(1, 6);
    }
  }

  @Test
  void aStepHasAtMostTheMicroBatchesOfAnEpoch() {
    assertThat(plan("rigl", 3, 0.05, 0.1, new Variant(SGD, null, 25, 5)).steps()).isEqualTo(3);
    assertThatThrownBy(() -> plan("rigl", 3, 0.05, 0.1, new Variant(SGD, null, 25, 6)))
        .hasMessageContaining("a step of 6 micro-batches; an epoch has 5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "static", "set", "rigl", "rigl-sm", "rigl-sg"})
  void trainingLearnsWithAdam(String method) {
    try (Session session = open()) {
      TrainingPlan plan = plan(method, 40, 0.01, 0.1, new Variant(ADAM, 1.0, 25, 1));
      Progress end = trainer(plan, session, Progress.START).train(p -> true);
      assertThat(end.bestValidationAccuracy()).isGreaterThan(0.8);
    }
  }

  /** Without momentum and decay, a step of descent is as long as rate · gradient. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.1, 1e9})
  void aGradientIsClippedToItsGreatestLength(double clip) {
    OptimizerSettings descent = new OptimizerSettings.Sgd(0, false, 0, false);
    try (Session session = open();
        Session free = open()) {
      trainer(
              plan("static", 2, 0.05, 0.1, new Variant(descent, clip, 25, 1)),
              session,
              Progress.START)
          .train(p -> p.step() < 1);
      trainer(plan("static", 2, 0.05, 0.1, new Variant(descent, null, 25, 1)), free, Progress.START)
          .train(p -> p.step() < 1);
      double length = distanceFromStart(free);
      assertThat(length).isBetween(0.1 * 0.025, 1e9 * 0.025);
      // The first of two steps of warm-up has half of the rate.
      assertThat(distanceFromStart(session))
          .isCloseTo(Math.min(0.025 * clip, length), withinPercentage(0.1));
    }
  }

  private static double distanceFromStart(Session session) {
    double squares = 0;
    try (Session start = open()) {
      for (Parameter parameter : NETWORK.parameters()) {
        float[] before = start.read(parameter.name(), Slot.VALUE);
        float[] after = session.read(parameter.name(), Slot.VALUE);
        for (int i = 0; i < after.length && parameter.role().isTrained(); i++) {
          squares += Math.pow((double) after[i] - before[i], 2);
        }
      }
    }
    return Math.sqrt(squares);
  }

  static List<Arguments> stops() {
    Variant adam = new Variant(ADAM, 0.5, 25, 1);
    Variant accumulating = new Variant(SGD, null, 10, 5);
    return List.of(
        Arguments.of("rigl", 1, Variant.PLAIN),
        Arguments.of("rigl", 4, Variant.PLAIN),
        Arguments.of("rigl", 5, Variant.PLAIN),
        Arguments.of("rigl", 13, Variant.PLAIN),
        Arguments.of("set", 3, Variant.PLAIN),
        Arguments.of("set", 10, Variant.PLAIN),
        Arguments.of("static", 7, Variant.PLAIN),
        Arguments.of("rigl", 39, Variant.PLAIN),
        Arguments.of("rigl", 1, adam),
        Arguments.of("rigl", 13, adam),
        Arguments.of("set", 7, adam),
        Arguments.of("static", 15, Variant.AVERAGING),
        Arguments.of("static", 20, Variant.AVERAGING),
        Arguments.of("static", 33, Variant.AVERAGING),
        Arguments.of("rigl", 1, accumulating),
        Arguments.of("rigl", 5, accumulating),
        Arguments.of("rigl", 6, accumulating));
  }

  @ParameterizedTest
  @MethodSource("stops")
  void aStoppedTrainingContinuesToTheSameBits(String method, long stop, Variant variant) {
    TrainingPlan plan = plan(method, 8, 0.02, 0.1, variant);
    State whole;
    Progress wholeEnd;
    try (Session session = open()) {
      wholeEnd = trainer(plan, session, Progress.START).train(p -> true);
      whole = session.snapshot();
    }
    List<TrainingEvent> wholeEvents = List.copyOf(events);
    events.clear();
    State half;
    Progress halfway;
    WeightAverage average;
    try (Session session = open()) {
      Trainer trainer = trainer(plan, session, Progress.START);
      halfway = trainer.train(p -> p.step() < stop);
      half = session.snapshot();
      average = trainer.average();
    }
    assertThat(halfway.step()).isEqualTo(stop);
    try (Session session = open()) {
      session.restore(half);
      Trainer trainer = new Trainer(plan, session, halfway, average, null, events::add);
      assertThat(trainer.train(p -> true)).isEqualTo(wholeEnd);
      State continued = session.snapshot();
      assertThat(continued.tensors().keySet()).isEqualTo(whole.tensors().keySet());
      continued
          .tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(tensor)
                      .as(name)
                      .usingRecursiveComparison()
                      .isEqualTo(whole.tensors().get(name)));
    }
    assertThat(events).isEqualTo(wholeEvents);
  }

  /**
   * Without batch norm and dropout it does not matter how a step's samples are cut: 117 samples in
   * steps of 50, 50 and 17, the last a micro-batch fewer. RigL's growth sees their sum, too.
   */
  @ParameterizedTest
  @ValueSource(strings = {"static", "set", "rigl"})
  void aStepOfMicroBatchesIsAStepOfTheirUnion(String method) {
    Network plain =
        new NetworkBuilder("plain", new Shape(1, 2, 3))
            .flatten("flatten")
            .linear("linear1", 10)
            .relu("relu1")
            .linear("linear2", 8)
            .relu("relu2")
            .linear("classifier", 3)
            .build();
    try (Session whole = open(plain);
        Session cut = open(plain)) {
      Variant inOne = new Variant(SGD, 0.8, 50, 1);
      Progress wholeEnd =
          trainer(plan(method, 8, 0.05, 0.1, inOne), whole, Progress.START).train(p -> true);
      List<TrainingEvent.StepDone> wholeSteps = events(TrainingEvent.StepDone.class);
      events.clear();
      Variant inFive = new Variant(SGD, 0.8, 10, 5);
      Progress cutEnd =
          trainer(plan(method, 8, 0.05, 0.1, inFive), cut, Progress.START).train(p -> true);
      List<TrainingEvent.StepDone> cutSteps = events(TrainingEvent.StepDone.class);
      assertThat(cutSteps).hasSize(24);
      for (int i = 0; i < 24; i++) {
        assertThat(cutSteps.get(i).samples()).isEqualTo(i % 3 == 2 ? 17 : 50);
        assertThat(cutSteps.get(i).loss()).isCloseTo(wholeSteps.get(i).loss(), within(1e-5));
        assertThat(cutSteps.get(i).learningRate()).isEqualTo(wholeSteps.get(i).learningRate());
      }
      assertThat(cutEnd.connectionsReplaced()).isEqualTo(wholeEnd.connectionsReplaced());
      for (Parameter parameter : plain.prunable()) {
        assertThat(cut.connectivity(parameter.name()))
            .isEqualTo(whole.connectivity(parameter.name()));
        assertThat(cut.read(parameter.name(), Slot.VALUE))
            .containsExactly(whole.read(parameter.name(), Slot.VALUE), within(1e-5f));
      }
    }
  }

  private static Map<String, float[]> values(Session session) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : NETWORK.parameters()) {
      values.put(parameter.name(), session.read(parameter.name(), Slot.VALUE));
    }
    return values;
  }

  private static float[] in(Map<String, float[]> values, String tensor) {
    float[] found = values.get(tensor);
    return found == null ? new float[0] : found;
  }

  /** Averaging looks on: steps are those of a training without, the end is the mean. */
  @Test
  void weightsAtTheEndsOfEpochsAreAveraged() {
    Map<Long, Map<String, float[]>> taken = new LinkedHashMap<>();
    try (Session session = open()) {
      trainer(plan("static", 8, 0.05, 0.1), session, Progress.START)
          .train(p -> taken.put(p.step(), values(session)) == null);
      taken.put(40L, values(session));
    }
    List<TrainingEvent.StepDone> steps = events(TrainingEvent.StepDone.class);
    events.clear();
    try (Session session = open()) {
      TrainingPlan plan = plan("static", 8, 0.05, 0.1, Variant.AVERAGING);
      Trainer trainer = trainer(plan, session, Progress.START);
      trainer.train(
          p -> {
            requireSame(values(session), taken.getOrDefault(p.step(), Map.of()));
            assertThat(trainer.average().count())
                .isEqualTo(p.step() < 20 ? 0 : p.step() < 30 ? 1 : 2);
            return true;
          });
      // Only the operations of a progress know that there is more to compute.
      assertThat(events(TrainingEvent.StepDone.class))
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("progress")
          .containsExactlyElementsOf(steps);
      assertThat(trainer.average().isEmpty()).isTrue();
      for (Parameter parameter : NETWORK.parameters()) {
        float[] mean = session.read(parameter.name(), Slot.VALUE);
        for (int i = 0; i < mean.length && parameter.role().isTrained(); i++) {
          double sum = 0;
          for (long step : new long[] {20, 30, 40}) {
            sum += in(taken.getOrDefault(step, Map.of()), parameter.name())[i];
          }
          assertThat((double) mean[i]).as(parameter.name()).isCloseTo(sum / 3, within(1e-6));
        }
      }
      requireStatistics(session, plan);
    }
  }

  private static void requireSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((name, values) -> assertThat(values).as(name).isEqualTo(in(expected, name)));
  }

  /** What the first layer makes of the last epoch's batches, by the weights that are there now. */
  private static void requireStatistics(Session session, TrainingPlan plan) {
    float[] weights = session.read("linear1.weight", Slot.VALUE);
    float[] biases = session.read("linear1.bias", Slot.VALUE);
    double[] means = new double[10];
    double[] variances = new double[10];
    try (Batches batches = plan.samples().epoch(7)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int unit = 0; unit < 10; unit++) {
          double sum = 0;
          double squares = 0;
          for (int sample = 0; sample < batch.count(); sample++) {
            double output = biases[unit];
            for (int pixel = 0; pixel < 6; pixel++) {
              output += weights[6 * unit + pixel] * batch.pixels()[6 * sample + pixel];
            }
            sum += output;
            squares += output * output;
          }
          double mean = sum / batch.count();
          means[unit] += sum / 117;
          variances[unit] +=
              (squares / batch.count() - mean * mean)
                  * batch.count()
                  / (batch.count() - 1)
                  * batch.count()
                  / 117;
        }
      }
    }
    float[] runningMeans = session.read("norm1.running-mean", Slot.VALUE);
    float[] runningVariances = session.read("norm1.running-variance", Slot.VALUE);
    for (int unit = 0; unit < 10; unit++) {
      assertThat((double) runningMeans[unit]).isCloseTo(means[unit], within(1e-5));
      assertThat((double) runningVariances[unit]).isCloseTo(variances[unit], within(1e-5));
    }
  }

  @Test
  void anAverageIsWhatIsEvaluated() {
    try (Session session = open()) {
      TrainingPlan plan = plan("static", 8, 0.05, 0.1, Variant.AVERAGING);
      trainer(plan, session, Progress.START).train(p -> true);
      TrainingEvent.EpochEvaluated last = events(TrainingEvent.EpochEvaluated.class).getLast();
      assertThat(last.test()).isEqualTo(Evaluation.of(session, plan.test()));
      assertThat(last.validation()).isEqualTo(Evaluation.of(session, plan.validation()));
    }
  }

  private static Teacher teacher() {
    Session session = open();
    new Trainer(plan("static", 40, 0.05, 0.1), session, Progress.START, event -> {})
        .train(p -> true);
    return new Teacher(session, 1);
  }

  @Test
  void aTeacherOfWeightZeroChangesNoBit() {
    try (Session session = open();
        Session taught = open();
        Teacher teacher = teacher()) {
      trainer(plan("rigl", 4, 0.05, 0.1), session, Progress.START).train(p -> true);
      List<TrainingEvent> plain = List.copyOf(events);
      events.clear();
      TrainingPlan plan = plan("rigl", 4, 0.05, 0.1, Variant.taught(0, 1));
      new Trainer(plan, taught, Progress.START, WeightAverage.NONE, teacher, events::add)
          .train(p -> true);
      assertThat(events)
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("progress")
          .containsExactlyElementsOf(plain);
      requireSame(values(taught), values(session));
    }
  }

  /** With a weight of 1 the labels do not count: all that is known comes from the teacher. */
  @Test
  void aTeacherAloneTeaches() {
    try (Session session = open();
        Teacher teacher = teacher()) {
      TrainingPlan plan = plan("rigl", 40, 0.05, 0.1, Variant.taught(1, 2));
      Progress end =
          new Trainer(plan, session, Progress.START, WeightAverage.NONE, teacher, events::add)
              .train(p -> true);
      assertThat(end.bestValidationAccuracy()).isGreaterThan(0.7);
    }
  }

  @Test
  void aTeacherThatSaysNoNumbersIsRefused() {
    try (Session session = open();
        Teacher teacher = teacher()) {
      teacher
          .session()
          .write("classifier.bias", Slot.VALUE, new float[] {0, Float.POSITIVE_INFINITY, 0});
      TrainingPlan plan = plan("rigl", 4, 0.05, 0.1, Variant.taught(0.5, 2));
      Trainer trainer =
          new Trainer(plan, session, Progress.START, WeightAverage.NONE, teacher, events::add);
      assertThatThrownBy(() -> trainer.train(p -> true))
          .isInstanceOf(NonFiniteLossException.class)
          .hasMessage("step 0: the teacher's logits are not finite; take another teacher");
      assertThatThrownBy(() -> trainer(plan, session, Progress.START))
          .hasMessageContaining("with no teacher");
    }
  }

  @Test
  void epochsAreEvaluatedInTurnAndTheLastAlways() {
    try (Session session = open()) {
      trainer(plan("static", 5, 0.05, 0.1), session, Progress.START).train(p -> true);
    }
    List<TrainingEvent.EpochEvaluated> evaluated = events(TrainingEvent.EpochEvaluated.class);
    assertThat(evaluated).extracting(TrainingEvent.EpochEvaluated::epoch).containsExactly(2, 4, 5);
    assertThat(evaluated)
        .extracting(TrainingEvent.EpochEvaluated::step)
        .containsExactly(9L, 19L, 24L);
    double best = -1;
    for (TrainingEvent.EpochEvaluated one : evaluated) {
      Evaluation validation = one.validation();
      assertThat(validation).isNotNull();
      if (validation != null) {
        assertThat(one.isBest()).isEqualTo(validation.accuracy() > best);
        best = Math.max(best, validation.accuracy());
      }
      assertThat(one.test() != null).isEqualTo(one.isBest() || one.epoch() == 5);
    }
    assertThat(events(TrainingEvent.StepDone.class))
        .extracting(TrainingEvent.StepDone::samples)
        .startsWith(25, 25, 25, 25, 17, 25);
  }

  @Test
  void withoutValidationTheTestIsLookedAt() {
    try (Session session = open()) {
      Progress end = trainer(plan("static", 2, 0.05, 0), session, Progress.START).train(p -> true);
      assertThat(end.bestValidationAccuracy()).isNull();
      assertThat(end.bestTestAccuracy()).isNull();
      TrainingEvent.EpochEvaluated last = events(TrainingEvent.EpochEvaluated.class).getLast();
      assertThat(last.validation()).isNull();
      assertThat(last.test()).isNotNull();
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheTrainingAndNamesTheLayer() {
    try (Session session = open()) {
      Trainer trainer = trainer(plan("static", 2, 1e30, 0.1), session, Progress.START);
      assertThatThrownBy(() -> trainer.train(p -> true))
          .isInstanceOf(NonFiniteLossException.class)
          .hasMessageMatching(
              "step \\d+ \\(epoch 1\\): the loss is (NaN|-?Infinity); .* finite.*; the learning.*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear2.weight", "norm1.shift", "classifier.bias"})
  void theFirstLayerWithWeightsThatAreNoNumbersIsNamed(String tensor) {
    try (Session session = open()) {
      for (String damaged : List.of(tensor, "classifier.weight")) {
        float[] values = session.read(damaged, Slot.VALUE);
        values[0] = Float.NaN;
        session.write(damaged, Slot.VALUE, values);
      }
      Trainer trainer = trainer(plan("static", 2, 0.05, 0.1), session, Progress.START);
      assertThatThrownBy(() -> trainer.train(p -> true))
          .isInstanceOf(NonFiniteLossException.class)
          .hasMessageContaining("step 0 (epoch 1): the loss is NaN")
          .hasMessageContaining(
              "the first layer with weights that are not finite is "
                  + tensor.substring(0, tensor.indexOf('.')));
    }
  }

  @Test
  void collapsedLayersAreToldOnce() {
    try (Session session = open()) {
      session.write("linear2.weight", Slot.VALUE, new float[20]);
      session.write("classifier.weight", Slot.VALUE, new float[9]);
      OptimizerSettings descent = new OptimizerSettings.Sgd(0, false, 0, false);
      TrainingPlan plan = plan("static", 30, 1e-300, 0.1, new Variant(descent, null, 25, 1));
      trainer(plan, session, Progress.START).train(p -> true);
    }
    assertThat(events(TrainingEvent.LayerCollapsed.class))
        .containsExactly(
            new TrainingEvent.LayerCollapsed(
                49, "linear1", "the gradient of all its 60 connections is 0"),
            new TrainingEvent.LayerCollapsed(49, "linear2", "all its 20 connections are 0"),
            new TrainingEvent.LayerCollapsed(49, "classifier", "all its 9 connections are 0"));
  }

  @Test
  void aLayerOfOneConnectionHasCollapsed() {
    try (Session session = open()) {
      Connectivity classifier = session.connectivity("classifier.weight");
      long[] dropped = Arrays.copyOfRange(classifier.toPositions(), 1, 9);
      session.rewire(
          List.of(new Rewiring("classifier.weight", dropped, new long[0], new float[0])));
      trainer(plan("static", 12, 0.05, 0.1), session, Progress.START).train(p -> true);
    }
    assertThat(events(TrainingEvent.LayerCollapsed.class))
        .contains(
            new TrainingEvent.LayerCollapsed(
                49, "classifier", "it has only 1 of 24 connections left"));
  }
}
