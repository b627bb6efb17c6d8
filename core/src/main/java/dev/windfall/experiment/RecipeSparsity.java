package dev.windfall.experiment;

import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerPattern;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.SparsityBudget;
import dev.windfall.training.MaskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    if (sparsity.mask() != null) {
      return Set.of();
    }
    Set<String> usual = new LinkedHashSet<>(network.denseByDefault());
    usual.addAll(Distribution.named(sparsity.distribution()).usuallyDense(network.prunable()));
    usual.removeAll(LayerPattern.sparsities(network, sparsity.layers()).keySet());
    return usual;
  }

  /** Random connections of a method's start. */
  static Map<String, Connectivity> drawn(
      Recipe recipe, SparseTrainingMethod method, Network network) {
    return RandomConnectivity.draw(densities(recipe, method, network), recipe.run().seed());
  }

  /** How many connections each layer has at a method's start, where no mask says it. */
  static LayerDensities densities(Recipe recipe, SparseTrainingMethod method, Network network) {
    return method.densities(
        Distribution.named(recipe.sparsity().distribution()),
        network.prunable(),
        budget(recipe.sparsity(), network));
  }

  private static SparsityBudget budget(Recipe.Sparsity sparsity, Network network) {
    return new SparsityBudget(
        sparsity.target(),
        denseTensors(sparsity, network),
        sparsity.budgetIncludesDense(),
        LayerPattern.sparsities(network, sparsity.layers()));
  }

  /** The connections that a recipe names by their file; null where it names none. */
  static @Nullable Map<String, Connectivity> mask(Recipe.Sparsity sparsity, Network network) {
    String name = sparsity.mask();
    if (name == null) {
      return null;
    }
    boolean namesLayers =
        !sparsity.layers().isEmpty() || (sparsity.dense() != null && !sparsity.dense().isEmpty());
    if (namesLayers || sparsity.method().equals("dense")) {
      throw new IllegalArgumentException(
          "sparsity.mask says which connections there are: leave out sparsity.layers and"
              + " sparsity.dense, and the method dense");
    }
    try {
      Path file = Path.of(name);
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("sparsity.mask: there is no file " + file);
      }
      return MaskFile.read(file, network);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("sparsity.mask is no path: " + name, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("sparsity.mask: " + e.getMessage(), e);
    }
  }

  /** The recipe with what its mask makes of target and distribution. */
  static Recipe withMask(Recipe recipe, Network network, Map<String, Connectivity> mask) {
    Recipe.Sparsity sparsity = recipe.sparsity();
    return new Recipe(
        recipe.name(),
        recipe.model(),
        recipe.data(),
        new Recipe.Sparsity(
            LayerDensities.of(network.prunable(), mask).sparsity(),
            new Distribution.Custom().label(),
            sparsity.layers(),
            sparsity.mask(),
            sparsity.dense(),
            sparsity.budgetIncludesDense(),
            sparsity.method(),
            sparsity.update()),
        recipe.training(),
        recipe.run());
  }
}
