package dev.windfall.experiment;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.PerImageStandardised;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Session;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.Teacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/** The trained network that a recipe's block {@code tweak.distillation} names. */
final class RecipeTeacher {

  private static final String FIELD = "tweak.distillation.teacher";

  private RecipeTeacher() {}

  /**
   * The block with a checkpoint's file in the place of a run's folder, whose newest it is, and with
   * the teacher's engine.
   *
   * @throws IllegalArgumentException where there is no such run, or it has no checkpoint
   */
  static Recipe.Distillation resolved(Recipe recipe) {
    Recipe.Distillation asked = recipe.tweak().distillation();
    @Nullable String teacher = asked.teacher();
    String engine = asked.engine() == null ? recipe.run().engine() : asked.engine();
    return new Recipe.Distillation(
        teacher == null ? null : checkpoint(teacher).toString(),
        asked.weight(),
        asked.temperature(),
        engine);
  }

  private static Path checkpoint(String teacher) {
    try {
      Path path = Path.of(teacher).toAbsolutePath().normalize();
      if (!Files.isDirectory(path)) {
        return path;
      }
      RunFolder folder = RunFolder.existing(path);
      NavigableSet<Long> steps = folder.checkpoints().steps();
      if (steps.isEmpty()) {
        throw new IllegalArgumentException("%s: %s has no checkpoint".formatted(FIELD, path));
      }
      return folder.checkpoints().file(steps.last());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(FIELD + " is no path: " + teacher, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s: %s".formatted(FIELD, e.getMessage()), e);
    }
  }

  /**
   * Opens the teacher of a plan.
   *
   * @return null where the plan has none
   * @throws IOException in one line: where the checkpoint is missing or damaged, or its network
   *     does not go with the plan's data
   */
  static @Nullable Teacher open(RunPlan plan) throws IOException {
    Recipe.Distillation distillation = plan.recipe().tweak().distillation();
    @Nullable String name = distillation.teacher();
    if (name == null) {
      return null;
    }
    try {
      return open(plan, Path.of(name), distillation);
    } catch (IllegalArgumentException | IOException e) {
      throw new IOException("%s %s: %s".formatted(FIELD, name, e.getMessage()), e);
    }
  }

  private static Teacher open(RunPlan plan, Path file, Recipe.Distillation distillation)
      throws IOException {
    Recipe recipe = folderOf(file).readRecipe().recipe();
    requireSameData(recipe.data(), plan.recipe().data());
    Network network = RunPlan.network(recipe, plan.dataset());
    Checkpoint checkpoint = CheckpointFile.read(file);
    if (!checkpoint.model().equals(network.name())) {
      throw new IllegalArgumentException(
          "the checkpoint is of %s, its run's recipe of %s"
              .formatted(checkpoint.model(), network.name()));
    }
    Map<String, Connectivity> connections = checkpoint.state().connectivity();
    Engine engine =
        Engines.named(distillation.engine() == null ? plan.engine().name() : distillation.engine());
    Session session = engine.open(network, connections, plan.sessionOptions());
    try {
      session.restore(checkpoint.state());
    } catch (IllegalArgumentException e) {
      session.close();
      throw e;
    }
    LayerDensities densities = LayerDensities.of(network.prunable(), connections);
    return new Teacher(
        session, NetworkCost.of(network, densities, Counter.REPORT).inferenceFlops());
  }

  private static RunFolder folderOf(Path file) throws IOException {
    @Nullable Path checkpoints = file.getParent();
    @Nullable Path folder = checkpoints == null ? null : checkpoints.getParent();
    if (folder == null || !file.toString().endsWith(".json") || !Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "there is no such checkpoint; name a run's folder, or RUN/checkpoint/step-….json");
    }
    return RunFolder.existing(folder);
  }

  /** Pixels must mean the same to both networks. */
  private static void requireSameData(Recipe.Data teachers, Recipe.Data own) {
    if (!teachers.name().equals(own.name())) {
      throw new IllegalArgumentException(
          "it was trained on %s, and this run is on %s".formatted(teachers.name(), own.name()));
    }
    if (isPerImage(teachers) != isPerImage(own)) {
      throw new IllegalArgumentException(
          "data.augment: %s must be in both recipes, the teacher's and this one, or in neither"
              .formatted(PerImageStandardised.NAME));
    }
  }

  private static boolean isPerImage(Recipe.Data data) {
    return data.augment() != null && data.augment().contains(PerImageStandardised.NAME);
  }
}
