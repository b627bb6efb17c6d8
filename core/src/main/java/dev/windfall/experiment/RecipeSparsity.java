package dev.windfall.experiment;

import dev.windfall.lottery.Ticket;
import dev.windfall.lottery.TicketFile;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.GrowCriterion;
import dev.windfall.sparsity.GrownValues;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerPattern;
import dev.windfall.sparsity.LayerShares;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.Sparsification;
import dev.windfall.sparsity.SparsityBudget;
import dev.windfall.sparsity.UpdateRule;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.sparsity.UpdateTiming;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.MaskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a recipe's block {@code sparsity} means for a network. */
final class RecipeSparsity {

  private RecipeSparsity() {}

  /** The names of the layers that stay dense, the usual ones where the recipe names none. */
  static List<String> dense(Recipe.Sparsity sparsity, Network network) {
    Set<String> tensors = denseTensors(sparsity, network);
    return network.prunable().stream()
        .filter(weight -> tensors.contains(weight.name()))
        .map(Parameter::layer)
        .toList();
  }

  private static Set<String> denseTensors(Recipe.Sparsity sparsity, Network network) {
    if (sparsity.dense() != null) {
      return LayerPattern.dense(network, sparsity.dense());
    }
    if (sparsity.mask() != null || sparsity.ticket() != null) {
      return Set.of();
    }
    Set<String> usual = new LinkedHashSet<>(network.denseByDefault());
    usual.addAll(distribution(sparsity).usuallyDense(network.prunable()));
    usual.removeAll(LayerPattern.sparsities(network, sparsity.layers()).keySet());
    return usual;
  }

  /** Says which name is unknown, or does not go with the others. */
  static void requireKnownNames(Recipe.Sparsity sparsity) {
    SparseTrainingMethod method = method(sparsity);
    if (distribution(sparsity) instanceof Distribution.Global
        && method.sparsification() == Sparsification.FROM_THE_START) {
      throw new IllegalArgumentException(
          "distribution global ranks weights that exist: it goes with pruning (%s), not with %s"
              .formatted(namesOfPruning(), method.name()));
    }
    Recipe.Update update = sparsity.update();
    DropFraction.named(update.schedule(), update.fraction(), update.power());
    LayerShares.Rounding.named(update.rounding());
    GrownValues.Kind grown = grownValues(sparsity);
    if (grown.needsGradient()
        && (method.grow() == GrowCriterion.RANDOM
            || method.grow() == GrowCriterion.DROPPED
            || method.grow() == GrowCriterion.MOMENTUM)) {
      throw new IllegalArgumentException(
          "sparsity.update.grown-values %s: method %s does not know the gradients of what it grows"
              .formatted(grown.label(), method.name()));
    }
    if (method.sparsification().prunes() && update.end() == 0) {
      throw new IllegalArgumentException(
          "method %s prunes until sparsity.update.end, which must be above 0"
              .formatted(method.name()));
    }
  }

  private static String namesOfPruning() {
    return SparseTrainingMethod.all().stream()
        .filter(method -> method.scores() || method.sparsification().prunes())
        .map(SparseTrainingMethod::name)
        .collect(Collectors.joining(" "));
  }

  /** How layers share the sparsity: as the recipe says, or as is usual for the method. */
  static Distribution distribution(Recipe.Sparsity sparsity) {
    return sparsity.distribution() == null
        ? SparseTrainingMethod.named(sparsity.method()).usualDistribution()
        : Distribution.named(sparsity.distribution());
  }

  /** The method with what the recipe makes of redistribution, rule and timing. */
  static SparseTrainingMethod method(Recipe.Sparsity sparsity) {
    SparseTrainingMethod method = SparseTrainingMethod.named(sparsity.method());
    if (sparsity.redistribution() != null) {
      method = method.redistributing(Redistribution.named(sparsity.redistribution()));
    }
    method = method.by(UpdateRule.named(sparsity.update().rule()));
    String timing = sparsity.update().timing();
    if (timing == null) {
      return method;
    }
    UpdateTiming named = UpdateTiming.named(timing);
    return method.updatesConnections() ? method.timed(named) : method;
  }

  /** New connections start at 0; weights that start anew get what they might have begun with. */
  private static GrownValues.Kind grownValues(Recipe.Sparsity sparsity) {
    String asked = sparsity.update().grownValues();
    if (asked != null) {
      return GrownValues.Kind.named(asked);
    }
    return method(sparsity).grow() == GrowCriterion.DROPPED
        ? GrownValues.Kind.INITIAL
        : GrownValues.Kind.ZEROS;
  }

  /**
   * The block {@code update} with timing and grown values written out; a method without updates has
   * no timing.
   */
  static Recipe.Update resolvedUpdate(Recipe.Sparsity sparsity) {
    SparseTrainingMethod method = method(sparsity);
    Recipe.Update update = sparsity.update();
    return new Recipe.Update(
        update.every(),
        update.fraction(),
        update.schedule(),
        update.power(),
        update.begin(),
        update.end(),
        update.rule(),
        method.updatesConnections() ? method.timing().label() : null,
        grownValues(sparsity).label(),
        update.grownScale(),
        update.rounding(),
        update.smoothing());
  }

  /** How many connections each layer has at the start, where no mask says it. */
  static LayerDensities densities(Recipe.Sparsity sparsity, Network network) {
    return method(sparsity)
        .densities(distribution(sparsity), network.prunable(), budget(sparsity, network));
  }

  /**
   * When and how connections are changed.
   *
   * @param connections at the start
   * @param steps of the whole training
   */
  static ConnectionUpdates updates(Recipe recipe, Network network, long connections, long steps) {
    Recipe.Sparsity sparsity = recipe.sparsity();
    Recipe.Update update = sparsity.update();
    SparseTrainingMethod method = method(sparsity);
    boolean prunes = method.sparsification().prunes();
    UpdateSchedule schedule =
        UpdateSchedule.over(
            update.every(),
            update.begin(),
            update.end(),
            steps,
            DropFraction.named(update.schedule(), update.fraction(), update.power()),
            UpdateRule.named(update.rule()));
    return new ConnectionUpdates(
        method,
        prunes ? schedule.within(steps) : schedule,
        new GrownValues(
            grownValues(sparsity),
            update.grownScale(),
            Initialization.named(recipe.model().init())),
        LayerShares.Rounding.named(update.rounding()),
        connections,
        prunes ? goal(sparsity, network) : null,
        network,
        recipe.run().seed(),
        update.smoothing());
  }

  /**
   * How many connections each layer has when the network has come to its sparsity, where none
   * wander between layers.
   */
  static LayerDensities finalDensities(Recipe.Sparsity sparsity, Network network) {
    return method(sparsity).sparse()
        ? distribution(sparsity).densities(network.prunable(), budget(sparsity, network))
        : LayerDensities.dense(network.prunable());
  }

  /** Down to what a dense network is pruned, be it during the training or before it. */
  static PruningGoal goal(Recipe.Sparsity sparsity, Network network) {
    SparsityBudget budget = budget(sparsity, network);
    Set<String> together = new LinkedHashSet<>();
    if (distribution(sparsity) instanceof Distribution.Global) {
      network.prunable().forEach(weight -> together.add(weight.name()));
      together.removeAll(budget.dense());
      together.removeAll(budget.custom().keySet());
    }
    return new PruningGoal(finalDensities(sparsity, network), together);
  }

  private static SparsityBudget budget(Recipe.Sparsity sparsity, Network network) {
    return new SparsityBudget(
        sparsity.target(),
        denseTensors(sparsity, network),
        sparsity.budgetIncludesDense(),
        LayerPattern.sparsities(network, sparsity.layers()));
  }

  /** The connections that a recipe names by file or run; null where it names none. */
  static @Nullable Map<String, Connectivity> mask(Recipe.Sparsity sparsity, Network network) {
    return sparsity.mask() == null
        ? null
        : start("mask", sparsity.mask(), sparsity, file -> MaskFile.read(file, network));
  }

  /**
   * The ticket that a recipe names by its file; null where it names none.
   *
   * @param network that the ticket was drawn from
   */
  static @Nullable Ticket ticket(Recipe.Sparsity sparsity, Network network) {
    if (sparsity.ticket() == null) {
      return null;
    }
    Ticket ticket = start("ticket", sparsity.ticket(), sparsity, TicketFile::read);
    try {
      ticket.requireFits(network);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "sparsity.ticket: %s: %s".formatted(sparsity.ticket(), e.getMessage()), e);
    }
    return ticket;
  }

  /** Reads a file. */
  private interface StartReader<T> {
    T read(Path file) throws IOException;
  }

  /** What a file says of the connections at the start. */
  private static <T> T start(
      String field, String name, Recipe.Sparsity sparsity, StartReader<T> reader) {
    boolean namesLayers =
        !sparsity.layers().isEmpty() || (sparsity.dense() != null && !sparsity.dense().isEmpty());
    if (namesLayers || method(sparsity).sparsification() != Sparsification.FROM_THE_START) {
      throw new IllegalArgumentException(
          ("sparsity.%s says which connections there are at the start: leave out sparsity.layers"
                  + " and sparsity.dense, and take a method that is sparse from the start, not %s")
              .formatted(field, sparsity.method()));
    }
    try {
      Path file = Path.of(name);
      if (!Files.exists(file)) {
        throw new IllegalArgumentException(
            "sparsity.%s: there is no file %s".formatted(field, file));
      }
      return reader.read(RunFolder.connections(file));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("sparsity.%s is no path: %s".formatted(field, name), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("sparsity.%s: %s".formatted(field, e.getMessage()), e);
    }
  }

  /** The recipe with what its mask makes of target and distribution, and the mask's own file. */
  static Recipe withMask(Recipe recipe, Network network, Map<String, Connectivity> mask) {
    Recipe.Sparsity sparsity = recipe.sparsity();
    return recipe.withSparsity(
        new Recipe.Sparsity(
            LayerDensities.of(network.prunable(), mask).sparsity(),
            new Distribution.Custom().label(),
            sparsity.layers(),
            sparsity.mask() == null
                ? null
                : start("mask", sparsity.mask(), sparsity, Path::toString),
            sparsity.densitiesFrom(),
            sparsity.ticket(),
            sparsity.dense(),
            sparsity.budgetIncludesDense(),
            sparsity.method(),
            sparsity.redistribution(),
            sparsity.scoring(),
            sparsity.update()));
  }
}
