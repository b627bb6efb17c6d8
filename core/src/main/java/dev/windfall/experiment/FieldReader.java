package dev.windfall.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of files that say what belongs to several runs, such as comparisons. A list of
 * one may be written without brackets. Every refusal names the source and the field.
 */
public final class FieldReader {

  private static final String FILE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

  private final JsonNode fields;
  private final String source;
  private final String path;

  private FieldReader(JsonNode fields, String source, String path) {
    this.fields = fields;
    this.source = source;
    this.path = path;
  }

  /**
   * The fields of a file.
   *
   * @param yaml text of the file
   * @param source what to call it in messages
   * @param kind of file, such as {@code comparison}
   * @param known names of its fields
   * @throws IllegalArgumentException where the text is no YAML object, or has an unknown field
   */
  public static FieldReader of(String yaml, String source, String kind, List<String> known) {
    JsonNode fields = YamlReader.read(yaml, source);
    if (!fields.isObject()) {
      throw new IllegalArgumentException(
          "%s is no %s: it must consist of the fields %s"
              .formatted(source, kind, String.join(" ", known)));
    }
    return new FieldReader(fields, source, "").requireKnownFields(known);
  }

  private FieldReader requireKnownFields(List<String> known) {
    fields.fieldNames().forEachRemaining(name -> requireKnown("field", path + name, path, known));
    return this;
  }

  private void requireKnown(String what, String name, String before, List<String> known) {
    requireKnown(what, name, known.stream().map(before::concat).toList(), known);
  }

  /** Whether there is a field. */
  public boolean has(String field) {
    return fields.has(field);
  }

  /**
   * The blocks of a field: none where it is missing.
   *
   * @param known names of their fields
   */
  public List<FieldReader> blocks(String field, List<String> known) {
    JsonNode node = fields.path(field);
    List<FieldReader> blocks = new ArrayList<>();
    for (JsonNode element : elements(node)) {
      blocks.add(block(field, element, known));
    }
    return blocks;
  }

  private FieldReader block(String field, JsonNode node, List<String> known) {
    if (!node.isObject()) {
      throw wrong(field, "must have the fields " + String.join(" ", known));
    }
    return new FieldReader(node, source, path + field + ".").requireKnownFields(known);
  }

  /**
   * The blocks of a field by names of one's own: none where the field is missing.
   *
   * @param known names of their fields
   */
  public Map<String, FieldReader> blocksByName(String field, List<String> known) {
    JsonNode node = fields.path(field);
    if (!node.isMissingNode() && !node.isObject()) {
      throw wrong(
          field, "must be names, each with the fields %s".formatted(String.join(" ", known)));
    }
    Map<String, FieldReader> blocks = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> named : node.properties()) {
      String name = named.getKey();
      blocks.put(name, block(field + "." + name, named.getValue(), known));
    }
    return blocks;
  }

  /** Whether a text can be a name, and so a folder's. */
  public static boolean isName(String text) {
    return text.matches(FILE_NAME);
  }

  /** The field {@code name}, which may be a folder's. */
  public String name() {
    JsonNode name = fields.path("name");
    if (!name.isTextual() || !isName(name.asText())) {
      throw wrong("name", "must be there, of letters, digits, '.', '_' and '-'");
    }
    return name.asText();
  }

  /**
   * The recipe of the field {@code recipe}, with the fields of {@code set} laid over it.
   *
   * @param folder from which the path of a recipe's file leads on
   * @throws IOException where the recipe's file cannot be read
   */
  public RecipeDraft base(Path folder) throws IOException {
    JsonNode recipe = fields.path("recipe");
    if (!recipe.isMissingNode() && !recipe.isTextual()) {
      throw wrong("recipe", "must be a recipe's file or the name of a shipped one");
    }
    return settings("set").over(RecipeDraft.named(recipe.asText("default"), folder));
  }

  /** Recipe fields with values; none where the field is missing. */
  public RecipeSettings settings(String field) {
    JsonNode set = fields.path(field);
    if (!set.isMissingNode() && !set.isObject()) {
      throw wrong(field, "must be recipe fields with values, such as {training.epochs: 5}");
    }
    return RecipeSettings.of(set, "%s: %s%s.".formatted(source, path, field));
  }

  /** Recipe fields with values by names of one's own; none where the field is missing. */
  public Map<String, RecipeSettings> settingsByName(String field) {
    JsonNode node = fields.path(field);
    Map<String, RecipeSettings> settings = new LinkedHashMap<>();
    if (!node.isMissingNode()) {
      FieldReader named = new FieldReader(node, source, path + field + ".");
      if (!node.isObject()) {
        throw wrong(
            field, "must be names with recipe fields, such as {mine: {training.epochs: 5}}");
      }
      node.fieldNames().forEachRemaining(name -> settings.put(name, named.settings(name)));
    }
    return settings;
  }

  /** Names of which all must be known. */
  public List<String> names(String field, List<String> byDefault, List<String> known) {
    List<String> names = texts(field, byDefault);
    names.forEach(name -> requireKnown(path + field, name, known, known));
    return names;
  }

  /** One name, which must be known. */
  public String name(String field, String byDefault, List<String> known) {
    List<String> names = names(field, List.of(byDefault), known);
    if (names.size() != 1) {
      throw wrong(field, "must be one of " + String.join(" ", known));
    }
    return names.getFirst();
  }

  /** Names of any kind. */
  public List<String> texts(String field, List<String> byDefault) {
    return values(field, byDefault, "names", node -> node.isTextual() ? node.asText() : null);
  }

  /** Whole numbers of any size. */
  public List<Long> wholeNumbers(String field, List<Long> byDefault) {
    return values(
        field,
        byDefault,
        "whole numbers",
        node -> node.isIntegralNumber() && node.canConvertToLong() ? node.asLong() : null);
  }

  /** One number; null where the field is missing. */
  public @Nullable Double number(String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return null;
    }
    if (!node.isNumber()) {
      throw wrong(field, "must be a number, not " + node);
    }
    return node.asDouble();
  }

  /** One whole number; null where the field is missing. */
  public @Nullable Integer wholeNumber(String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(field, "must be a whole number, not " + node);
    }
    return node.asInt();
  }

  /**
   * The values of a list, or a value that stands for a list of one.
   *
   * @param what the values must be, in a message
   * @param reader null for what is none
   */
  public <T> List<T> values(
      String field, List<T> byDefault, String what, Function<JsonNode, @Nullable T> reader) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return byDefault;
    }
    List<T> read = new ArrayList<>();
    for (JsonNode element : elements(node)) {
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

  private static List<JsonNode> elements(JsonNode node) {
    if (node.isMissingNode()) {
      return List.of();
    }
    return node.isArray() ? node.valueStream().toList() : List.of(node);
  }

  /** What is wrong with a field. */
  public IllegalArgumentException wrong(String field, String otherwise) {
    return new IllegalArgumentException("%s: %s%s %s".formatted(source, path, field, otherwise));
  }

  /**
   * Refuses a name that is none of those known, with the nearest.
   *
   * @param what the name is
   * @param shown those known that a message lists
   */
  public void requireKnown(String what, String name, Collection<String> known, List<String> shown) {
    if (known.contains(name)) {
      return;
    }
    String hint =
        NearestName.of(name, known)
            .map("did you mean %s?"::formatted)
            .orElse("known: " + String.join(" ", shown));
    throw new IllegalArgumentException(
        "%s: unknown %s '%s'; %s".formatted(source, what, name, hint));
  }
}
