package dev.windfall.experiment;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.data.ImageShape;
import dev.windfall.data.Split;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.lottery.Ticket;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Stem;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.LearningRate;
import dev.windfall.training.PruningAtInitialization;
import dev.windfall.training.Retention;
import dev.windfall.training.Teacher;
import dev.windfall.training.TrainingEvent;
import dev.windfall.training.TrainingPlan;
import dev.windfall.tweak.Addition;
import dev.windfall.tweak.Rescaling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A recipe made real: data read, network built, connections counted, engine found. Nothing is
 * trained and nothing written yet.
 *
 * @param recipe with every default written out
 * @param dataset that is trained on
 * @param network that is trained, tweaks included
 * @param addition what the tweaks added to the network
 * @param method by which connections change
 * @param densities how many connections each layer has at the start; where scores choose over
 *     several layers together, only their sum is certain
 * @param mask the connections at the start, by tensor name; null where they are drawn at random or
 *     chosen by scores
 * @param ticket the weights and the moment at the start; null where the training begins anew
 * @param engine that computes
 * @param training the plan for the trainer
 */
public record RunPlan(
    Recipe recipe,
    Dataset dataset,
    Network network,
    Addition addition,
    SparseTrainingMethod method,
    LayerDensities densities,
    @Nullable Map<String, Connectivity> mask,
    @Nullable Ticket ticket,
    Engine engine,
    TrainingPlan training) {

  /**
   * Makes a recipe real. A data set without a folder of its own is read from the user's cache
   * ({@link DatasetCache#ofUser}), where it is downloaded to if it is not there.
   *
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   * @throws dev.windfall.data.DatasetException where data is missing or damaged
   */
  public static RunPlan of(Recipe asked) {
    Path home = Path.of(System.getProperty("user.home"));
    return of(asked, DatasetCache.ofUser(System.getenv(), home, (file, bytes, total) -> {}));
  }

  /**
   * Makes a recipe real.
   *
   * @param cache holds, or downloads, a data set for which the recipe names no folder
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   * @throws dev.windfall.data.DatasetException where data is missing or damaged
   */
  public static RunPlan of(Recipe asked, DatasetCache cache) {
    return of(asked, dataset(asked, cache));
  }

  /**
   * Makes a recipe real with a data set of one's own in the place of the recipe's.
   *
   * @param dataset which the resolved recipe names
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static RunPlan of(Recipe asked, Dataset dataset) {
    requireKnownNames(asked);
    return of(asked, dataset, untweaked(asked, dataset));
  }

  /**
   * Makes a recipe real with a data set and a network of one's own. Of the recipe's block {@code
   * model} only {@code init} counts then; {@code name} becomes the network's. Tweaks rewrite the
   * network.
   *
   * @param dataset which the resolved recipe names
   * @param original network for the data set's shape and classes
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe, or where
   *     network and data set do not fit
   */
  public static RunPlan of(Recipe asked, Dataset dataset, Network original) {
    requireKnownNames(asked);
    requireFit(original, dataset);
    Network network = RecipeTweak.rewritten(asked.tweak(), original);
    Engine engine = Engines.named(asked.run().engine());
    Recipe named = LearnedDensities.writtenOut(asked, network);
    @Nullable Ticket ticket = RecipeSparsity.ticket(named.sparsity(), original);
    @Nullable Map<String, Connectivity> mask = mask(named, ticket, network);
    Recipe recipe = resolved(named, dataset, network, mask);
    LayerDensities densities =
        mask == null
            ? RecipeSparsity.densities(recipe.sparsity(), network)
            : LayerDensities.of(network.prunable(), mask);
    Dataset standardised = RecipeData.standardised(dataset, recipe.data());
    return new RunPlan(
        recipe,
        standardised,
        network,
        Addition.of(original, network),
        RecipeSparsity.method(recipe.sparsity()),
        densities,
        mask,
        ticket,
        engine,
        training(recipe, standardised, network, densities));
  }

  private static @Nullable Map<String, Connectivity> mask(
      Recipe asked, @Nullable Ticket ticket, Network network) {
    return ticket == null
        ? RecipeSparsity.mask(asked.sparsity(), network)
        : ticket.connections(network);
  }

  /** Says what is unknown before data is read, which may take a while. */
  private static void requireKnownNames(Recipe recipe) {
    Engines.named(recipe.run().engine());
    RecipeSparsity.requireKnownNames(recipe.sparsity());
    RecipeScoring.requireComputable(recipe);
    ActivationFunction.named(recipe.model().activation());
    RecipeTweak.requireKnownNames(recipe);
    Initialization.named(recipe.model().init());
    Stem.named(recipe.model().stem());
    Split.Rule.named(recipe.data().split());
    RecipeData.augmentations(recipe.data());
    layerMetrics(recipe);
    RecipeTraining.schedule(recipe.training().schedule());
    RecipeTraining.optimizer(recipe.training().optimizer());
    RecipeTraining.objective(recipe.training().loss());
    requireEpochs(recipe);
  }

  private static void requireFit(Network network, Dataset dataset) {
    Shape image = shape(dataset);
    Shape outputs = Shape.features(dataset.classNames().size());
    if (!network.input().equals(image) || !network.output().output().equals(outputs)) {
      throw new IllegalArgumentException(
          "network %s leads from %s to %s, but data set %s has images of %s and %d classes"
              .formatted(
                  network.name(),
                  network.input(),
                  network.output().output(),
                  dataset.name(),
                  image,
                  dataset.classNames().size()));
    }
  }

  private static Shape shape(Dataset dataset) {
    ImageShape image = dataset.shape();
    return new Shape(image.channels(), image.height(), image.width());
  }

  /**
   * A recipe with every default written out, as its plan has it.
   *
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static Recipe resolved(Recipe asked, Dataset dataset) {
    requireKnownNames(asked);
    Network original = untweaked(asked, dataset);
    Network network = RecipeTweak.rewritten(asked.tweak(), original);
    Recipe named = LearnedDensities.writtenOut(asked, network);
    @Nullable Ticket ticket = RecipeSparsity.ticket(named.sparsity(), original);
    return resolved(named, dataset, network, mask(named, ticket, network));
  }

  private static Recipe resolved(
      Recipe asked, Dataset dataset, Network network, @Nullable Map<String, Connectivity> mask) {
    return RecipeResolution.resolve(
        mask == null ? asked : RecipeSparsity.withMask(asked, network, mask),
        SparseTrainingMethod.named(asked.sparsity().method()),
        dataset.name(),
        network);
  }

  /**
   * How many connections each layer has when the network has come to its sparsity; where
   * connections wander between layers, or are ranked over all of them, only the sum is certain.
   *
   * @param network that the recipe names
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static LayerDensities finalDensities(Recipe asked, Network network) {
    return RecipeSparsity.finalDensities(asked.sparsity(), network);
  }

  /**
   * A recipe by which each layer has as many connections as in given densities, drawn at random.
   *
   * @param source what to call the densities in messages
   */
  public static RecipeDraft withDensities(
      RecipeDraft draft, LayerDensities densities, String source) {
    return LearnedDensities.over(draft, densities, source);
  }

  /**
   * How layers share the sparsity: as the recipe says, or as is usual for its method.
   *
   * @throws IllegalArgumentException naming what is unknown in the recipe
   */
  public static Distribution distribution(Recipe asked) {
    return RecipeSparsity.distribution(asked.sparsity());
  }

  /**
   * The method with what a recipe makes of its redistribution, rule and timing.
   *
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static SparseTrainingMethod method(Recipe asked) {
    return RecipeSparsity.method(asked.sparsity());
  }

  /**
   * Down to what a recipe's target and distribution prune a network, and whether its layers are
   * ranked together.
   *
   * @param network that the recipe names
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static PruningGoal pruningGoal(Recipe asked, Network network) {
    return RecipeSparsity.goal(asked.sparsity(), network);
  }

  /**
   * The data set that a recipe names, for several plans.
   *
   * @param cache holds, or downloads, a data set for which the recipe names no folder
   * @throws IllegalArgumentException naming what is unknown in the recipe
   * @throws dev.windfall.data.DatasetException where data is missing or damaged
   */
  public static Dataset dataset(Recipe asked, DatasetCache cache) {
    requireKnownNames(asked);
    return RecipeData.open(asked.data(), cache);
  }

  /**
   * The network that a recipe names, for a data set's images and classes, with its tweaks.
   *
   * @throws IllegalArgumentException naming what is unknown or does not fit in the recipe
   */
  public static Network network(Recipe asked, Dataset dataset) {
    return RecipeTweak.rewritten(asked.tweak(), untweaked(asked, dataset));
  }

  private static Network untweaked(Recipe asked, Dataset dataset) {
    Recipe.Model model = asked.model();
    return Zoo.build(
        model.name(),
        new Zoo.Options(
            shape(dataset),
            dataset.classNames().size(),
            model.dropout(),
            ActivationFunction.named(model.activation()),
            model.width(),
            Stem.named(model.stem()),
            model.zeroInitResidual()));
  }

  private static void requireEpochs(Recipe recipe) {
    int epochs = recipe.training().scaledEpochs();
    for (int epoch : recipe.run().keepAt()) {
      if (epoch > epochs) {
        throw new IllegalArgumentException(
            "run.keep-at: there is no epoch %d in a training of %d".formatted(epoch, epochs));
      }
    }
  }

  private static void requireSteps(Recipe recipe, long steps) {
    for (long step : recipe.run().keepSteps()) {
      if (step > steps) {
        throw new IllegalArgumentException(
            "run.keep-steps: there is no step %d in a training of %d".formatted(step, steps));
      }
    }
  }

  private static TrainingPlan training(
      Recipe recipe, Dataset dataset, Network network, LayerDensities densities) {
    Recipe.Data data = recipe.data();
    Recipe.Training training = recipe.training();
    long seed = recipe.run().seed();
    Split split =
        Split.of(dataset.train(), data.validation(), Split.Rule.named(data.split()), seed)
            .training(data.trainShare(), seed);
    DataLoader samples =
        DataLoader.training(
            dataset,
            split.train(),
            new BatchOptions(training.batchSize(), false, RecipeData.augmentations(data), seed));
    int batches = samples.batchesPerEpoch();
    if (training.accumulate() > batches) {
      throw new IllegalArgumentException(
          "training.accumulate: %d micro-batches of %d samples make a step, but an epoch has only %d"
              .formatted(training.accumulate(), training.batchSize(), batches));
    }
    LearningRate rate =
        RecipeTraining.learningRate(
            training, recipe.tweak().averaging(), Math.ceilDiv(batches, training.accumulate()));
    requireSteps(recipe, rate.steps());
    return new TrainingPlan(
        samples,
        training.accumulate(),
        DataLoader.evaluation(dataset, split.validation(), training.batchSize()),
        DataLoader.evaluation(dataset, dataset.test(), training.batchSize()),
        training.scaledEpochs(),
        rate,
        RecipeTraining.optimizer(training.optimizer()),
        training.clip(),
        RecipeTweak.objective(recipe.tweak(), RecipeTraining.objective(training.loss())),
        RecipeSparsity.updates(recipe, network, densities.connections(), rate.steps()),
        recipe.run().evaluateEvery(),
        RecipeTweak.averaging(recipe.tweak(), rate.steps()));
  }

  /**
   * Opens the trained network from which the training learns too.
   *
   * @return null where it learns from labels alone
   * @throws IOException in one line: where the teacher's checkpoint is missing or damaged, or its
   *     network does not go with the data
   */
  public @Nullable Teacher openTeacher() throws IOException {
    return RecipeTeacher.open(this);
  }

  /**
   * Learns scales of the initial weights, for a recipe that asks for them ({@code
   * tweak.rescaled-init}).
   *
   * @param session with the initial weights; gets the scaled ones
   * @param listener hears of every iteration
   * @param isStopping asked before every iteration: yes ends the learning
   * @return what was learned; empty where it was ended before, and the weights are as they were
   * @throws dev.windfall.training.NonFiniteLossException where a gradient is no number
   */
  public Optional<Rescaling> rescale(
      Session session, Consumer<TrainingEvent> listener, BooleanSupplier isStopping) {
    return RecipeRescaling.rescale(this, session, listener, isStopping);
  }

  /**
   * With what a training starts.
   *
   * @param connections of each prunable tensor, by name
   * @param overheadFlops operations that choosing them took, of all samples together
   * @param peakBytes the most that the engine held for it
   */
  public record Start(Map<String, Connectivity> connections, long overheadFlops, long peakBytes) {}

  /**
   * The connections at the start: those of the mask, random ones, or what scores choose; found anew
   * at every call.
   *
   * @throws dev.windfall.training.NonFiniteLossException where a score is no number
   */
  public Start start() {
    if (method.scores()) {
      PruningAtInitialization.Chosen chosen =
          RecipeScoring.of(this).choose(scoringEngine(), sessionOptions());
      return new Start(chosen.connections(), chosen.operations(), chosen.peakBytes());
    }
    return new Start(
        mask == null ? RandomConnectivity.draw(densities, recipe.run().seed()) : mask, 0, 0);
  }

  /** The engine by which connections are scored before the training, where the method scores. */
  public Engine scoringEngine() {
    return RecipeScoring.engine(method, engine);
  }

  /** The first step that is done: 0 but for a ticket whose weights are of a later moment. */
  public long firstStep() {
    return ticket == null ? 0 : ticket.firstStep(training.steps());
  }

  /** Steps between two lines of the metrics. */
  int metricsEvery() {
    return recipe.run().metricsEvery();
  }

  /** What the metrics say of each layer. */
  Set<LayerMetric> layerMetrics() {
    return layerMetrics(recipe);
  }

  private static Set<LayerMetric> layerMetrics(Recipe recipe) {
    List<String> names = recipe.run().layerMetrics();
    return (names == null ? List.<String>of() : names)
        .stream()
            .map(LayerMetric::named)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(LayerMetric.class)));
  }

  /** Computing threads: as asked, or one for each processor. */
  public int threads() {
    int asked = recipe.run().threads();
    return asked == 0 ? Runtime.getRuntime().availableProcessors() : asked;
  }

  /** With what the engine's session is opened. */
  public SessionOptions sessionOptions() {
    return new SessionOptions(
        recipe.training().batchSize(),
        threads(),
        recipe.run().seed(),
        Initialization.named(recipe.model().init()));
  }

  /** Which checkpoints are kept. */
  public Retention retention() {
    Recipe.Run run = recipe.run();
    Set<Long> steps = new TreeSet<>(run.keepSteps());
    run.keepAt().forEach(epoch -> steps.add((long) epoch * training.stepsPerEpoch()));
    return new Retention(run.keepLast(), steps, run.keepBest());
  }
}
