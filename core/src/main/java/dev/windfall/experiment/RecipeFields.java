package dev.windfall.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fields that recipes have: those of {@code default.yaml}, each of the type that its default
 * has. Lays fields over others, and refuses by name what is none or has another type.
 */
final class RecipeFields {

  /** Every field with its default; nobody may change it. */
  static final ObjectNode DEFAULTS =
      (ObjectNode) YamlReader.read(ShippedRecipes.text("default"), "default.yaml");

  private RecipeFields() {}

  /** What a field may hold. */
  private enum Type {
    WHOLE_NUMBER("a whole number"),
    WHOLE_NUMBER_OR_NULL("a whole number or null"),
    NUMBER("a number"),
    NUMBER_OR_NULL("a number or null"),
    SWITCH("true or false"),
    TEXT("a text"),
    TEXT_OR_NULL("a text or null"),
    NUMBERS("a list of numbers"),
    TEXTS_OR_NULL("a list of names or null"),
    NUMBERS_BY_NAME("numbers by name, such as {conv1: 0.5}");

    private final String description;

    Type(String description) {
      this.description = description;
    }

    boolean admits(JsonNode value) {
      return switch (this) {
        case WHOLE_NUMBER -> value.isIntegralNumber();
        case WHOLE_NUMBER_OR_NULL -> value.isIntegralNumber() || value.isNull();
        case NUMBER -> value.isNumber();
        case NUMBER_OR_NULL -> value.isNumber() || value.isNull();
        case SWITCH -> value.isBoolean();
        case TEXT -> value.isTextual();
        case TEXT_OR_NULL -> value.isTextual() || value.isNull();
        case NUMBERS -> value.isArray() && value.valueStream().allMatch(JsonNode::isNumber);
        case TEXTS_OR_NULL ->
            value.isNull()
                || (value.isArray() && value.valueStream().allMatch(JsonNode::isTextual));
        case NUMBERS_BY_NAME ->
            value.isObject() && value.valueStream().allMatch(JsonNode::isNumber);
      };
    }

    static Type of(String path, JsonNode byDefault) {
      return switch (byDefault.getNodeType()) {
        case NUMBER -> byDefault.isIntegralNumber() ? WHOLE_NUMBER : NUMBER;
        case BOOLEAN -> SWITCH;
        case ARRAY -> NUMBERS;
        case OBJECT -> NUMBERS_BY_NAME;
        case NULL ->
            switch (path) {
              case "data.augment", "sparsity.dense", "run.layer-metrics" -> TEXTS_OR_NULL;
              case "training.schedule.lr",
                  "training.clip",
                  "tweak.averaging.start",
                  "tweak.averaging.lr",
                  "tweak.rescaled-init.longest-gradient" ->
                  NUMBER_OR_NULL;
              case "sparsity.scoring.samples" -> WHOLE_NUMBER_OR_NULL;
              default -> TEXT_OR_NULL;
            };
        default -> TEXT;
      };
    }
  }

  /**
   * Lays fields over a tree that has every field.
   *
   * @return a new tree
   * @throws IllegalArgumentException naming source and field
   */
  static ObjectNode merge(ObjectNode tree, JsonNode fields, String source) {
    if (!fields.isObject()) {
      throw new IllegalArgumentException(
          source + " is no recipe: it must consist of the blocks " + names(DEFAULTS));
    }
    ObjectNode merged = tree.deepCopy();
    merge(DEFAULTS, merged, fields, "", source);
    return merged;
  }

  private static void merge(
      ObjectNode schema, ObjectNode into, JsonNode fields, String path, String source) {
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      String full = path + field.getKey();
      JsonNode value = field.getValue();
      JsonNode known = schema.get(field.getKey());
      if (known == null) {
        throw unknown(schema, field.getKey(), path, source);
      }
      // A block has fields; what is empty by default may get any names.
      if (known instanceof ObjectNode block && !block.isEmpty()) {
        if (!value.isObject()) {
          throw new IllegalArgumentException(
              "%s: %s is a block with the fields %s, not a value"
                  .formatted(source, full, names(block)));
        }
        merge(block, (ObjectNode) into.get(field.getKey()), value, full + ".", source);
      } else {
        Type type = Type.of(full, known);
        if (!type.admits(value)) {
          throw new IllegalArgumentException(
              "%s: %s must be %s, not %s".formatted(source, full, type.description, value));
        }
        into.set(field.getKey(), value);
      }
    }
  }

  private static IllegalArgumentException unknown(
      ObjectNode block, String name, String path, String source) {
    String hint =
        NearestName.of(name, fieldNames(block))
            .map(near -> "did you mean %s?".formatted(path + near))
            .orElse("known: " + names(block));
    return new IllegalArgumentException(
        "%s: unknown field %s; %s".formatted(source, path + name, hint));
  }

  private static String names(ObjectNode block) {
    return String.join(" ", fieldNames(block));
  }

  private static List<String> fieldNames(ObjectNode block) {
    List<String> names = new ArrayList<>();
    block.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
