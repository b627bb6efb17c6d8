package dev.windfall.experiment;

import dev.windfall.network.Network;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.training.MaskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    return recipe.withSparsity(
        new Recipe.Sparsity(
            learned.sparsity(),
            new Distribution.Custom().label(),
            shares(learned),
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

  /**
   * A recipe by which each layer has as many connections as in given densities, drawn at random; no
   * layer is dense that is not there.
   */
  static RecipeDraft over(RecipeDraft draft, LayerDensities densities, String source) {
    return draft
        .with(List.of("sparsity", "target"), Double.toString(densities.sparsity()), source)
        .withText(List.of("sparsity", "distribution"), new Distribution.Custom().label(), source)
        .with(List.of("sparsity", "layers"), JsonText.line(shares(densities)), source)
        .with(List.of("sparsity", "dense"), "null", source);
  }

  private static Map<String, Double> shares(LayerDensities densities) {
    Map<String, Double> shares = new LinkedHashMap<>();
    densities.layers().forEach(layer -> shares.put(layer.weight().layer(), share(layer)));
    return shares;
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
          network.prunable(), MaskFile.read(RunFolder.connections(path), network));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("sparsity.densities-from is no path: " + source, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("sparsity.densities-from: " + e.getMessage(), e);
    }
  }
}
