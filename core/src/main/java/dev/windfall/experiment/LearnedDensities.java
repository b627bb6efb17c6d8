package dev.windfall.experiment;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.MaskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes over how many connections each layer had at the end of an earlier run, but not which ones:
 * the control by which the reproducibility report on RigL (Sundar &amp; Dwaraknath 2021) tells what
 * densities that were learned by redistribution are worth by themselves.
 */
final class LearnedDensities {

  private LearnedDensities() {}

  /**
   * A recipe that names an earlier run, with that run's densities written out; any other recipe as
   * it is.
   *
   * @throws IllegalArgumentException where other fields say the same, or there is nothing to read
   */
  static Recipe writtenOut(Recipe recipe, Network network) {
    Recipe.Sparsity sparsity = recipe.sparsity();
    String source = sparsity.densitiesFrom();
    if (source == null) {
      return recipe;
    }
    requireAlone(sparsity);
    LayerDensities learned = read(source, network);
    Map<String, Double> layers = new LinkedHashMap<>();
    learned.layers().forEach(layer -> layers.put(layer.weight().layer(), share(layer)));
    return recipe.withSparsity(
        new Recipe.Sparsity(
            learned.sparsity(),
            new Distribution.Custom().label(),
            layers,
            null,
            null,
            null,
            null,
            sparsity.budgetIncludesDense(),
            sparsity.method(),
            sparsity.redistribution(),
            sparsity.scoring(),
            sparsity.update()));
  }

  private static void requireAlone(Recipe.Sparsity sparsity) {
    boolean saysMore =
        sparsity.mask() != null
            || sparsity.ticket() != null
            || !sparsity.layers().isEmpty()
            || (sparsity.dense() != null && !sparsity.dense().isEmpty());
    if (saysMore || !RecipeSparsity.method(sparsity).sparse()) {
      throw new IllegalArgumentException(
          ("sparsity.densities-from says how many connections each layer has: leave out"
                  + " sparsity.layers, sparsity.dense, sparsity.mask and sparsity.ticket, and take a method that is"
                  + " sparse, not %s")
              .formatted(sparsity.method()));
    }
  }

  /**
   * The sparsity that makes a layer's connections exactly as many: ⌊share · weights⌋ do not exist,
   * so the share is half a weight more than them, lest its last digit decide.
   */
  private static double share(LayerDensity layer) {
    return layer.isDense()
        ? 0
        : (layer.weight().elements() - layer.connections() + 0.5) / layer.weight().elements();
  }

  private static LayerDensities read(String source, Network network) {
    try {
      Path path = Path.of(source);
      if (!Files.exists(path)) {
        throw new IllegalArgumentException(
            "sparsity.densities-from: there is neither a run's folder nor a file " + path);
      }
      return LayerDensities.of(
          network.prunable(),
          Files.isDirectory(path) ? ofRun(path, network) : MaskFile.read(path, network));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("sparsity.densities-from is no path: " + source, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("sparsity.densities-from: " + e.getMessage(), e);
    }
  }

  private static Map<String, Connectivity> ofRun(Path path, Network network) throws IOException {
    Checkpoint newest =
        RunFolder.existing(path)
            .checkpoints()
            .newest(damage -> {})
            .orElseThrow(() -> new IOException("there is no checkpoint yet in " + path));
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      State.Tensor tensor = newest.state().tensors().get(weight.name());
      @Nullable Connectivity found = tensor == null ? null : tensor.connectivity();
      if (found == null
          || found.rows() != weight.rows()
          || found.rowLength() != weight.rowLength()) {
        throw new IOException(
            "the run in %s is of a %s whose %s is %s; this network's is %d×%d"
                .formatted(
                    path,
                    newest.model(),
                    weight.name(),
                    found == null ? "missing" : found.rows() + "×" + found.rowLength(),
                    weight.rows(),
                    weight.rowLength()));
      }
      connections.put(weight.name(), found);
    }
    return connections;
  }
}
