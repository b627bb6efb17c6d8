package dev.windfall.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of single fields, to be laid over recipes in their order.
 *
 * @param values as a recipe would have them, by field, such as {@code 0.1} by {@code
 *     training.loss.label-smoothing}
 * @param source what comes before a field's name in messages
 */
public record RecipeSettings(Map<String, String> values, String source) {

  /** No values. */
  public static final RecipeSettings NONE = new RecipeSettings(Map.of(), "");

  /** Copies the map, with its order. */
  public RecipeSettings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * The values of a YAML object.
   *
   * @param fields by their whole names or within blocks
   */
  static RecipeSettings of(JsonNode fields, String source) {
    Map<String, String> values = new LinkedHashMap<>();
    fields.properties().forEach(field -> values.put(field.getKey(), field.getValue().toString()));
    return new RecipeSettings(values, source);
  }

  /**
   * Lays the values over a recipe.
   *
   * @throws IllegalArgumentException as {@link RecipeDraft#with(List, String, String)}
   */
  public RecipeDraft over(RecipeDraft draft) {
    RecipeDraft result = draft;
    for (Map.Entry<String, String> field : values.entrySet()) {
      result =
          result.with(
              List.of(field.getKey().split("\\.", -1)), field.getValue(), source + field.getKey());
    }
    return result;
  }
}
