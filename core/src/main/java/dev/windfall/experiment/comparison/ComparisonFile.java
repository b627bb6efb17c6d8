package dev.windfall.experiment.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import dev.windfall.experiment.NearestName;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.YamlReader;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
          "seeds",
          "budget",
          "multipliers",
          "dense-multipliers",
          "reference");

  /** {@code METHOD[/DISTRIBUTION]}, and how many times as long it trains, such as {@code 2x}. */
  private static final Pattern METHOD =
      Pattern.compile("(?<label>\\S+)(?: +(?<length>\\d{1,9}(?:\\.\\d{1,9})?)x)?");

  private static final String FILE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

  private final JsonNode fields;
  private final String source;

  private ComparisonFile(JsonNode fields, String source) {
    this.fields = fields;
    this.source = source;
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
    JsonNode fields = YamlReader.read(yaml, source);
    if (!fields.isObject()) {
      throw new IllegalArgumentException(
          "%s is no comparison: it must consist of the fields %s"
              .formatted(source, String.join(" ", FIELDS)));
    }
    fields
        .fieldNames()
        .forEachRemaining(name -> requireKnown("field", name, FIELDS, FIELDS, source));
    return new ComparisonFile(fields, source).comparison(folder, overrides);
  }

  private Comparison comparison(Path folder, UnaryOperator<RecipeDraft> overrides)
      throws IOException {
    RecipeDraft own = with("set", fields.path("set"), recipe(folder));
    RecipeDraft base = overrides.apply(own);
    Recipe recipe = base.recipe();
    if (recipe.sparsity().mask() != null || recipe.sparsity().densitiesFrom() != null) {
      throw wrong(
          "set",
          "must leave sparsity.mask and sparsity.densities-from null: sparsities and distributions"
              + " are compared");
    }
    Budget budget = budget();
    List<Double> multipliers = multipliers(budget);
    List<Comparison.Choice> methods = methods(recipe, budget);
    return new Comparison(
        name(),
        base,
        variants(own, overrides),
        texts("models", List.of(recipe.model().name())),
        texts("data", List.of(recipe.data().name())),
        methods,
        sparsities(recipe),
        values("seeds", List.of(recipe.run().seed()), "whole numbers", this::seed),
        budget,
        multipliers,
        lengths("dense-multipliers", List.of(1.0)),
        reference(methods));
  }

  /** Whether a comparison, and so its folder, can have a name. */
  public static boolean isName(String text) {
    return text.matches(FILE_NAME);
  }

  private String name() {
    JsonNode name = fields.path("name");
    if (!name.isTextual() || !isName(name.asText())) {
      throw wrong("name", "must be there, of letters, digits, '.', '_' and '-'");
    }
    return name.asText();
  }

  private RecipeDraft recipe(Path folder) throws IOException {
    JsonNode recipe = fields.path("recipe");
    if (!recipe.isMissingNode() && !recipe.isTextual()) {
      throw wrong("recipe", "must be a recipe's file or the name of a shipped one");
    }
    return RecipeDraft.named(recipe.asText("default"), folder);
  }

  /** Lays the fields of a block over a recipe. */
  private RecipeDraft with(String block, JsonNode set, RecipeDraft over) {
    if (!set.isMissingNode() && !set.isObject()) {
      throw wrong(block, "must be recipe fields with values, such as {training.epochs: 5}");
    }
    RecipeDraft draft = over;
    for (Map.Entry<String, JsonNode> field : set.properties()) {
      draft =
          draft.with(
              List.of(field.getKey().split("\\.", -1)),
              field.getValue().toString(),
              "%s: %s.%s".formatted(source, block, field.getKey()));
    }
    return draft;
  }

  /** What single methods begin with; fields of a method with a distribution go over the method's. */
  private Map<String, RecipeDraft> variants(RecipeDraft own, UnaryOperator<RecipeDraft> overrides) {
    JsonNode block = fields.path("set-for");
    if (!block.isMissingNode() && !block.isObject()) {
      throw wrong("set-for", "must be recipe fields by method, such as {gmp: {training.clip: 1}}");
    }
    List<String> known = new ArrayList<>(choices(List.of()).keySet());
    known.add(Comparison.DENSE);
    Map<String, RecipeDraft> variants = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : block.properties()) {
      String label = entry.getKey();
      requireKnown("set-for", label, known, known, source);
      String method = label.split("/", 2)[0];
      RecipeDraft draft = own;
      for (String each : new LinkedHashSet<>(List.of(method, label))) {
        draft = with("set-for." + each, block.path(each), draft);
      }
      RecipeDraft variant = overrides.apply(draft);
      requireSameTask(label, overrides.apply(own).recipe(), variant.recipe());
      variants.put(label, variant);
    }
    return variants;
  }

  private void requireSameTask(String label, Recipe base, Recipe variant) {
    Recipe.Training training = variant.training();
    if (!variant.model().equals(base.model())
        || !variant.data().equals(base.data())
        || !variant.run().equals(base.run())
        || training.epochs() != base.training().epochs()
        || training.multiplier() != base.training().multiplier()) {
      throw wrong(
          "set-for",
          "must leave model, data, run and the length of the training of %s as they are for all"
              .formatted(label));
    }
  }

  /**
   * What may be named, with what it stands for: methods that do not say their distribution have all
   * of the comparison's.
   */
  private static Map<String, List<Comparison.Choice>> choices(List<String> distributions) {
    List<String> sparse = new ArrayList<>(List.of(Comparison.BIG_SPARSE));
    Map<String, List<Comparison.Choice>> choices = new LinkedHashMap<>();
    choices.put(
        Comparison.SMALL_DENSE, List.of(new Comparison.Choice(Comparison.SMALL_DENSE, null, null)));
    for (SparseTrainingMethod method : SparseTrainingMethod.all()) {
      if (method.sparse()) {
        sparse.add(method.name());
      } else if (!method.name().equals(Comparison.DENSE)) {
        choices.put(
            method.name(), List.of(new Comparison.Choice(method.name(), null, null)));
      }
    }
    for (String method : sparse) {
      choices.put(
          method,
          distributions.stream().map(it -> new Comparison.Choice(method, it, null)).toList());
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
    List<String> distributions =
        names(
            "distributions",
            List.of(recipe.sparsity().distribution()),
            Distribution.all().stream().map(Distribution::label).toList());
    Map<String, List<Comparison.Choice>> choices = choices(distributions);
    List<String> names =
        choices.keySet().stream().filter(label -> !label.contains("/")).toList();
    if (!fields.has("methods")) {
      throw wrong("methods", "must name at least one of " + String.join(" ", names));
    }
    Set<Comparison.Choice> methods = new LinkedHashSet<>();
    for (String text : texts("methods", List.of())) {
      Matcher parts = METHOD.matcher(text);
      String name = parts.matches() ? parts.group("label") : text;
      if (name.equals(Comparison.DENSE)) {
        throw wrong(
            "methods", "need not name dense: every comparison has dense rows (dense-multipliers)");
      }
      requireKnown("methods", name, choices.keySet(), names, source);
      Double length = parts.group("length") == null ? null : length(text, parts, budget);
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
        || Comparison.keepsAllConnections(parts.group("label"))) {
      throw wrong(
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
      throw wrong(
          "methods",
          "cannot have big-sparse: it is trained by the recipe's sparsity.method, and %s makes no"
                  .formatted(recipe.sparsity().method())
              + " sparse network");
    }
  }

  private List<Double> sparsities(Recipe recipe) {
    return values(
        "sparsities",
        List.of(recipe.sparsity().target()),
        "numbers above 0 and below 1",
        node ->
            node.isNumber() && node.asDouble() > 0 && node.asDouble() < 1 ? node.asDouble() : null);
  }

  private @Nullable Long seed(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() ? node.asLong() : null;
  }

  private Budget budget() {
    List<String> names = names("budget", List.of(Budget.EPOCHS.label()), Budget.labels());
    if (names.size() != 1) {
      throw wrong("budget", "must be one of " + String.join(" ", Budget.labels()));
    }
    return Budget.named(names.getFirst());
  }

  private List<Double> multipliers(Budget budget) {
    boolean isGiven = fields.has("multipliers");
    if (isGiven != (budget == Budget.MULTIPLIER)) {
      throw wrong("multipliers", "belong to 'budget: multiplier', and to no other budget");
    }
    return lengths("multipliers", List.of(1.0));
  }

  private List<Double> lengths(String field, List<Double> byDefault) {
    return values(
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
    for (Comparison.Choice method : methods) {
      choices.putIfAbsent(method.method(), method);
      choices.put(method.label(), method);
    }
    List<String> known = List.copyOf(choices.keySet());
    List<String> chosen = names("reference", List.of(Comparison.DENSE), known);
    if (chosen.size() != 1) {
      throw wrong("reference", "must be one of " + String.join(" ", known));
    }
    return choices.getOrDefault(chosen.getFirst(), Comparison.Choice.DENSE);
  }

  private List<String> names(String field, List<String> byDefault, List<String> known) {
    List<String> names = texts(field, byDefault);
    names.forEach(name -> requireKnown(field, name, known, known, source));
    return names;
  }

  private List<String> texts(String field, List<String> byDefault) {
    return values(field, byDefault, "names", node -> node.isTextual() ? node.asText() : null);
  }

  /** The values of a list, or a value that stands for a list of one. */
  private <T> List<T> values(
      String field, List<T> byDefault, String what, Function<JsonNode, @Nullable T> reader) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return byDefault;
    }
    List<T> read = new ArrayList<>();
    for (JsonNode element : node.isArray() ? node.valueStream().toList() : List.of(node)) {
      T value = reader.apply(element);
      if (value == null) {
        throw wrong(field, "must be %s, not %s".formatted(what, element));
      }
      read.add(value);
    }
    if (read.isEmpty() || new HashSet<>(read).size() < read.size()) {
      throw wrong(field, "must have at least one value, and none twice");
    }
    return read;
  }

  private IllegalArgumentException wrong(String field, String otherwise) {
    return new IllegalArgumentException("%s: %s %s".formatted(source, field, otherwise));
  }

  private static void requireKnown(
      String field, String name, Collection<String> known, List<String> shown, String source) {
    if (known.contains(name)) {
      return;
    }
    String hint =
        NearestName.of(name, known)
            .map("did you mean %s?"::formatted)
            .orElse("known: " + String.join(" ", shown));
    throw new IllegalArgumentException(
        "%s: unknown %s '%s'; %s".formatted(source, field, name, hint));
  }
}
