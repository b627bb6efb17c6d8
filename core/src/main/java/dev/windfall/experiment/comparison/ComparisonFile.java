package dev.windfall.experiment.comparison;

import dev.windfall.experiment.FieldReader;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Reads comparison files. A list of one may be written without brackets; what is left out comes
 * from the recipe.
 */
public final class ComparisonFile {

  private static final List<String> FIELDS =
      List.of(
          "name",
          "recipe",
          "set",
          "models",
          "data",
          "methods",
          "sparsities",
          "distributions",
          "seeds",
          "budget",
          "multipliers",
          "dense-multipliers",
          "reference");

  private final FieldReader fields;

  private ComparisonFile(FieldReader fields) {
    this.fields = fields;
  }

  /**
   * Reads a comparison.
   *
   * @param yaml text of the file
   * @param source what to call it in messages
   * @param folder from which the path of a recipe's file leads on
   * @param overrides are laid over the recipe last
   * @throws IllegalArgumentException naming source and field, where the text is no YAML, a field or
   *     a name is unknown (with the nearest known one), or a value is out of range
   * @throws IOException where the recipe's file cannot be read
   */
  public static Comparison read(
      String yaml, String source, Path folder, UnaryOperator<RecipeDraft> overrides)
      throws IOException {
    return new ComparisonFile(FieldReader.of(yaml, source, "comparison", FIELDS))
        .comparison(folder, overrides);
  }

  private Comparison comparison(Path folder, UnaryOperator<RecipeDraft> overrides)
      throws IOException {
    RecipeDraft base = overrides.apply(fields.base(folder));
    Recipe recipe = base.recipe();
    if (recipe.sparsity().mask() != null || recipe.sparsity().ticket() != null) {
      throw fields.wrong(
          "set",
          "must leave sparsity.mask and sparsity.ticket null: sparsities and distributions are compared");
    }
    Budget budget = budget();
    List<Double> multipliers = multipliers(budget);
    List<Comparison.Choice> methods = methods(recipe);
    return new Comparison(
        fields.name(),
        base,
        fields.texts("models", List.of(recipe.model().name())),
        fields.texts("data", List.of(recipe.data().name())),
        methods,
        sparsities(recipe),
        fields.wholeNumbers("seeds", List.of(recipe.run().seed())),
        budget,
        multipliers,
        lengths("dense-multipliers", List.of(1.0)),
        reference(methods));
  }

  /** Methods that do not say their distribution have all of the comparison's. */
  private List<Comparison.Choice> methods(Recipe recipe) {
    List<String> known = Distribution.all().stream().map(Distribution::label).toList();
    if (fields.texts("methods", List.of()).contains(Comparison.DENSE)) {
      throw fields.wrong(
          "methods", "need not name dense: every comparison has dense rows (dense-multipliers)");
    }
    List<String> sparse =
        SparseTrainingMethod.all().stream()
            .filter(SparseTrainingMethod::sparse)
            .map(SparseTrainingMethod::name)
            .filter(name -> !name.equals(Comparison.SMALL_DENSE))
            .toList();
    Map<String, List<Comparison.Choice>> choices = new LinkedHashMap<>();
    choices.put(
        Comparison.SMALL_DENSE, List.of(new Comparison.Choice(Comparison.SMALL_DENSE, null)));
    for (String method : sparse) {
      choices.put(
          method,
          distributions(recipe, method, known).stream()
              .map(it -> new Comparison.Choice(method, it))
              .toList());
    }
    List<String> names = List.copyOf(choices.keySet());
    for (String method : sparse) {
      for (String distribution : known) {
        Comparison.Choice choice = new Comparison.Choice(method, distribution);
        choices.put(choice.label(), List.of(choice));
      }
    }
    if (!fields.has("methods")) {
      throw fields.wrong("methods", "must name at least one of " + String.join(" ", names));
    }
    Set<Comparison.Choice> methods = new LinkedHashSet<>();
    for (String name : fields.texts("methods", List.of())) {
      fields.requireKnown("methods", name, choices.keySet(), names);
      methods.addAll(choices.getOrDefault(name, List.of()));
    }
    return List.copyOf(methods);
  }

  /** Those of the comparison or the recipe, or the one that is usual for the method. */
  private List<String> distributions(Recipe recipe, String method, List<String> known) {
    @Nullable String named = recipe.sparsity().distribution();
    String usual = SparseTrainingMethod.named(method).usualDistribution().label();
    return fields.names("distributions", List.of(named == null ? usual : named), known);
  }

  private List<Double> sparsities(Recipe recipe) {
    return fields.values(
        "sparsities",
        List.of(recipe.sparsity().target()),
        "numbers above 0 and below 1",
        node ->
            node.isNumber() && node.asDouble() > 0 && node.asDouble() < 1 ? node.asDouble() : null);
  }

  private Budget budget() {
    return Budget.named(fields.name("budget", Budget.EPOCHS.label(), Budget.labels()));
  }

  private List<Double> multipliers(Budget budget) {
    boolean isGiven = fields.has("multipliers");
    if (isGiven != (budget == Budget.MULTIPLIER)) {
      throw fields.wrong("multipliers", "belong to 'budget: multiplier', and to no other budget");
    }
    return lengths("multipliers", List.of(1.0));
  }

  private List<Double> lengths(String field, List<Double> byDefault) {
    return fields.values(
        field,
        byDefault,
        "numbers above 0 and at most 1000",
        node ->
            node.isNumber() && node.asDouble() > 0 && node.asDouble() <= 1000
                ? node.asDouble()
                : null);
  }

  private Comparison.Choice reference(List<Comparison.Choice> methods) {
    Map<String, Comparison.Choice> choices = new LinkedHashMap<>();
    choices.put(Comparison.DENSE, Comparison.Choice.DENSE);
    for (Comparison.Choice method : methods) {
      choices.putIfAbsent(method.method(), method);
      choices.put(method.label(), method);
    }
    List<String> known = List.copyOf(choices.keySet());
    String chosen = fields.name("reference", Comparison.DENSE, known);
    return choices.getOrDefault(chosen, Comparison.Choice.DENSE);
  }
}
