package dev.windfall.experiment.comparison;

import dev.windfall.experiment.FieldReader;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeSettings;
import dev.windfall.experiment.RunPlan;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
          "set-for",
          "models",
          "data",
          "methods",
          "sparsities",
          "distributions",
          "after",
          "seeds",
          "budget",
          "multipliers",
          "dense-multipliers",
          "reference");

  /** {@code METHOD[/DISTRIBUTION]}, and how many times as long it trains, such as {@code 2x}. */
  private static final Pattern METHOD =
      Pattern.compile("(?<label>\\S+)(?: +(?<length>\\d{1,9}(?:\\.\\d{1,9})?)x)?");

  private final FieldReader fields;

  private final AfterReader after;

  private ComparisonFile(FieldReader fields) {
    this.fields = fields;
    List<String> taken = new ArrayList<>(choices(method -> List.of()).keySet());
    taken.add(Comparison.DENSE);
    after = new AfterReader(fields, taken);
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
    RecipeDraft own = fields.base(folder);
    RecipeDraft base = overrides.apply(own);
    Recipe recipe = base.recipe();
    requireOwnConnections("set", recipe.sparsity());
    Budget budget = budget();
    List<Double> multipliers = multipliers(budget);
    List<Comparison.Choice> methods = methods(recipe, budget);
    return new Comparison(
        fields.name(),
        base,
        variants(own, overrides),
        fields.texts("models", List.of(recipe.model().name())),
        fields.texts("data", List.of(recipe.data().name())),
        methods,
        after.rows(methods, budget),
        sparsities(recipe),
        fields.wholeNumbers("seeds", List.of(recipe.run().seed())),
        budget,
        multipliers,
        lengths("dense-multipliers", List.of(1.0)),
        reference(methods));
  }

  private void requireOwnConnections(String field, Recipe.Sparsity sparsity) {
    if (sparsity.mask() != null || sparsity.ticket() != null || sparsity.densitiesFrom() != null) {
      throw fields.wrong(
          field,
          "must leave sparsity.mask, sparsity.ticket and sparsity.densities-from null: sparsities"
              + " and distributions are compared; 'after' has rows that begin with what others"
              + " ended with");
    }
  }

  /**
   * What single methods begin with; fields of a method with a distribution go over the method's.
   */
  private Map<String, RecipeDraft> variants(RecipeDraft own, UnaryOperator<RecipeDraft> overrides) {
    List<String> known = new ArrayList<>(choices(method -> List.of()).keySet());
    known.add(Comparison.DENSE);
    known.addAll(after.names());
    Map<String, RecipeSettings> settings = fields.settingsByName("set-for");
    Map<String, RecipeDraft> variants = new LinkedHashMap<>();
    for (String label : settings.keySet()) {
      fields.requireKnown("set-for", label, known, known);
      RecipeDraft draft = own;
      for (String each : new LinkedHashSet<>(List.of(label.split("/", 2)[0], label))) {
        draft = settings.getOrDefault(each, RecipeSettings.NONE).over(draft);
      }
      RecipeDraft variant = overrides.apply(draft);
      requireSameTask(label, overrides.apply(own).recipe(), variant.recipe());
      requireOwnConnections("set-for." + label, variant.recipe().sparsity());
      variants.put(label, variant);
    }
    return variants;
  }

  /** Initial weights may be a method's own: with some of them it could choose no connections. */
  private void requireSameTask(String label, Recipe base, Recipe variant) {
    Recipe.Training training = variant.training();
    if (!variant.model().withInitialWeightsOf(base.model()).equals(base.model())
        || !variant.data().equals(base.data())
        || !variant.run().equals(base.run())
        || training.epochs() != base.training().epochs()
        || training.multiplier() != base.training().multiplier()) {
      throw fields.wrong(
          "set-for",
          "must leave model (but for init and zero-init-residual), data, run and the length of the training of %s as they are for all"
              .formatted(label));
    }
  }

  /**
   * What may be named, with what it stands for: methods that do not say their distribution have all
   * of the comparison's.
   */
  private static Map<String, List<Comparison.Choice>> choices(
      Function<String, List<String>> distributions) {
    List<String> sparse = new ArrayList<>(List.of(Comparison.BIG_SPARSE));
    Map<String, List<Comparison.Choice>> choices = new LinkedHashMap<>();
    choices.put(
        Comparison.SMALL_DENSE, List.of(new Comparison.Choice(Comparison.SMALL_DENSE, null, null)));
    for (SparseTrainingMethod method : SparseTrainingMethod.all()) {
      if (method.sparse()) {
        sparse.add(method.name());
      } else if (!method.name().equals(Comparison.DENSE)) {
        choices.put(method.name(), List.of(new Comparison.Choice(method.name(), null, null)));
      }
    }
    for (String method : sparse) {
      choices.put(
          method,
          distributions.apply(method).stream()
              .map(it -> new Comparison.Choice(method, it, null))
              .toList());
    }
    for (String method : sparse) {
      for (Distribution distribution : Distribution.all()) {
        Comparison.Choice choice = new Comparison.Choice(method, distribution.label(), null);
        choices.put(choice.label(), List.of(choice));
      }
    }
    return choices;
  }

  private List<Comparison.Choice> methods(Recipe recipe, Budget budget) {
    Map<String, List<Comparison.Choice>> choices = choices(method -> distributions(recipe, method));
    after
        .names()
        .forEach(name -> choices.put(name, List.of(new Comparison.Choice(name, null, null))));
    List<String> names = choices.keySet().stream().filter(label -> !label.contains("/")).toList();
    if (!fields.has("methods")) {
      throw fields.wrong("methods", "must name at least one of " + String.join(" ", names));
    }
    Set<Comparison.Choice> methods = new LinkedHashSet<>();
    for (String text : fields.texts("methods", List.of())) {
      Matcher parts = METHOD.matcher(text);
      boolean hasParts = parts.matches();
      String name = hasParts ? parts.group("label") : text;
      if (name.equals(Comparison.DENSE)) {
        throw fields.wrong(
            "methods", "need not name dense: every comparison has dense rows (dense-multipliers)");
      }
      fields.requireKnown("methods", name, choices.keySet(), names);
      Double length =
          hasParts && parts.group("length") != null ? length(text, parts, budget) : null;
      for (Comparison.Choice choice : choices.getOrDefault(name, List.of())) {
        methods.add(new Comparison.Choice(choice.method(), choice.distribution(), length));
      }
    }
    requireSparseRecipe(recipe, methods);
    return List.copyOf(methods);
  }

  private double length(String text, Matcher parts, Budget budget) {
    double length = Double.parseDouble(parts.group("length"));
    if (budget != Budget.MULTIPLIER
        || !isLength(length)
        || Comparison.keepsAllConnections(parts.group("label").split("/", 2)[0])) {
      throw fields.wrong(
          "methods",
          ("may say a length above 0 and at most 1000 of sparse and small methods, under 'budget:"
                  + " multiplier', not '%s' here")
              .formatted(text));
    }
    return length;
  }

  private void requireSparseRecipe(Recipe recipe, Set<Comparison.Choice> methods) {
    if (methods.stream().anyMatch(choice -> choice.method().equals(Comparison.BIG_SPARSE))
        && !RunPlan.method(recipe).sparse()) {
      throw fields.wrong(
          "methods",
          "cannot have big-sparse: it is trained by the recipe's sparsity.method, and %s makes no"
                  .formatted(recipe.sparsity().method())
              + " sparse network");
    }
  }

  /** Those of the comparison or the recipe, or the one that is usual for the method. */
  private List<String> distributions(Recipe recipe, String method) {
    @Nullable String named = recipe.sparsity().distribution();
    String trained = method.equals(Comparison.BIG_SPARSE) ? recipe.sparsity().method() : method;
    String usual = SparseTrainingMethod.named(trained).usualDistribution().label();
    return fields.names(
        "distributions",
        List.of(named == null ? usual : named),
        Distribution.all().stream().map(Distribution::label).toList());
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
        node -> node.isNumber() && isLength(node.asDouble()) ? node.asDouble() : null);
  }

  private static boolean isLength(double multiplier) {
    return multiplier > 0 && multiplier <= 1000;
  }

  private Comparison.Choice reference(List<Comparison.Choice> methods) {
    Map<String, Comparison.Choice> choices = new LinkedHashMap<>();
    choices.put(Comparison.DENSE, Comparison.Choice.DENSE);
    choices.putAll(Comparison.Choice.byLabel(methods));
    List<String> known = List.copyOf(choices.keySet());
    String chosen = fields.name("reference", Comparison.DENSE, known);
    return choices.getOrDefault(chosen, Comparison.Choice.DENSE);
  }
}
