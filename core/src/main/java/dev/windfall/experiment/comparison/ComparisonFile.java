package dev.windfall.experiment.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import dev.windfall.experiment.NearestName;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
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
    RecipeDraft base = overrides.apply(base(folder));
    Recipe recipe = base.recipe();
    if (recipe.sparsity().mask() != null) {
      throw wrong(
          "set", "must leave sparsity.mask null: sparsities and distributions are compared");
    }
    Budget budget = budget();
    List<Double> multipliers = multipliers(budget);
    List<Comparison.Choice> methods = methods(recipe);
    return new Comparison(
        name(),
        base,
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

  private String name() {
    JsonNode name = fields.path("name");
    if (!name.isTextual() || !name.asText().matches(FILE_NAME)) {
      throw wrong("name", "must be there, of letters, digits, '.', '_' and '-'");
    }
    return name.asText();
  }

  private RecipeDraft base(Path folder) throws IOException {
    JsonNode recipe = fields.path("recipe");
    if (!recipe.isMissingNode() && !recipe.isTextual()) {
      throw wrong("recipe", "must be a recipe's file or the name of a shipped one");
    }
    RecipeDraft draft = RecipeDraft.named(recipe.asText("default"), folder);
    JsonNode set = fields.path("set");
    if (!set.isMissingNode() && !set.isObject()) {
      throw wrong("set", "must be recipe fields with values, such as {training.epochs: 5}");
    }
    for (Map.Entry<String, JsonNode> field : set.properties()) {
      draft =
          draft.with(
              List.of(field.getKey().split("\\.", -1)),
              field.getValue().toString(),
              "%s: set.%s".formatted(source, field.getKey()));
    }
    return draft;
  }

  /** Methods that do not say their distribution have all of the comparison's. */
  private List<Comparison.Choice> methods(Recipe recipe) {
    List<String> known = Distribution.all().stream().map(Distribution::label).toList();
    if (texts("methods", List.of()).contains(Comparison.DENSE)) {
      throw wrong(
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
      throw wrong("methods", "must name at least one of " + String.join(" ", names));
    }
    Set<Comparison.Choice> methods = new LinkedHashSet<>();
    for (String name : texts("methods", List.of())) {
      requireKnown("methods", name, choices.keySet(), names, source);
      methods.addAll(choices.getOrDefault(name, List.of()));
    }
    return List.copyOf(methods);
  }

  /** Those of the comparison or the recipe, or the one that is usual for the method. */
  private List<String> distributions(Recipe recipe, String method, List<String> known) {
    @Nullable String named = recipe.sparsity().distribution();
    String usual = SparseTrainingMethod.named(method).usualDistribution().label();
    return names("distributions", List.of(named == null ? usual : named), known);
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
