package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A recipe in the making: the defaults, over which files and single fields are laid one after the
 * other. Immutable; every method returns a new draft.
 */
public final class RecipeDraft {

  private static final int LONGEST_FILE = 1 << 20;

  private static final ObjectMapper BINDER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private static final ObjectMapper WRITER =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .build();

  private final ObjectNode tree;

  private RecipeDraft(ObjectNode tree) {
    this.tree = tree;
  }

  /** The default recipe, which has every field. */
  public static RecipeDraft defaults() {
    return new RecipeDraft(RecipeFields.DEFAULTS);
  }

  /**
   * The defaults with a recipe laid over them.
   *
   * @param recipe path of a file, or the name of a shipped recipe
   * @param folder from which a relative path leads on
   * @throws IllegalArgumentException where there is neither, and as {@link #with(String, String)}
   * @throws IOException where the file cannot be read
   */
  public static RecipeDraft named(String recipe, Path folder) throws IOException {
    Path file = folder.resolve(recipe);
    if (Files.exists(file)) {
      return defaults().with(readText(file), recipe);
    }
    if (ShippedRecipes.has(recipe)) {
      return defaults().with(ShippedRecipes.text(recipe), recipe);
    }
    throw new IllegalArgumentException(
        "there is neither a file '%s' nor a shipped recipe of this name; shipped: %s"
            .formatted(
                recipe,
                ShippedRecipes.entries().stream()
                    .map(ShippedRecipes.Entry::name)
                    .collect(Collectors.joining(" "))));
  }

  /**
   * Reads a recipe's file, which nobody vouches for.
   *
   * @return its text
   * @throws IllegalArgumentException naming the file, where it cannot be a recipe
   */
  public static String readText(Path file) throws IOException {
    byte[] bytes;
    try (InputStream input = Files.newInputStream(file)) {
      bytes = input.readNBytes(LONGEST_FILE + 1);
    }
    if (bytes.length > LONGEST_FILE) {
      throw new IllegalArgumentException("%s is no recipe: it has more than 1 MiB".formatted(file));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is no recipe: it is no UTF-8 text", e);
    }
  }

  /**
   * Lays a recipe's fields over this draft.
   *
   * @param yaml text of the recipe
   * @param source what to call it in messages
   * @throws IllegalArgumentException naming source and field, where the text is no YAML, a field is
   *     unknown (with the nearest known name) or has not the shape that it should have
   */
  public RecipeDraft with(String yaml, String source) {
    JsonNode fields = YamlReader.read(yaml, source);
    if (fields.isMissingNode() || fields.isNull()) {
      return this;
    }
    return new RecipeDraft(RecipeFields.merge(tree, fields, source));
  }

  /**
   * Sets one field.
   *
   * @param path names of block and field with dots between, such as {@code
   *     training.loss.label-smoothing}
   * @param value as a recipe would have it, such as {@code 0.1} or {@code [0.5, 0.75]}
   * @param source what to call it in messages
   * @throws IllegalArgumentException as {@link #with(String, String)}
   */
  public RecipeDraft with(List<String> path, String value, String source) {
    JsonNode parsed = YamlReader.read(value, source);
    return with(path, parsed.isMissingNode() ? tree.textNode("") : parsed, source);
  }

  /**
   * Sets one field that is a text, whatever the text looks like.
   *
   * @param path names of block and field
   * @param text its value
   * @param source what to call it in messages
   * @throws IllegalArgumentException as {@link #with(String, String)}
   */
  public RecipeDraft withText(List<String> path, String text, String source) {
    return with(path, tree.textNode(text), source);
  }

  /**
   * Sets the data's folder.
   *
   * @param folder null for none
   * @param source what to call it in messages
   */
  public RecipeDraft withData(@Nullable String folder, String source) {
    List<String> path = List.of("data", "dir");
    return folder == null ? with(path, tree.nullNode(), source) : withText(path, folder, source);
  }

  private RecipeDraft with(List<String> path, JsonNode value, String source) {
    JsonNode node = value;
    for (String name : path.reversed()) {
      node = tree.objectNode().set(name, node);
    }
    return new RecipeDraft(RecipeFields.merge(tree, node, source));
  }

  /**
   * The recipe.
   *
   * @throws IllegalArgumentException naming the field that has a wrong type or is out of range
   */
  public Recipe recipe() {
    try {
      return BINDER.treeToValue(tree, Recipe.class);
    } catch (JsonMappingException e) {
      String path =
          e.getPath().stream()
              .map(
                  reference ->
                      reference.getFieldName() == null
                          ? "[" + reference.getIndex() + "]"
                          : reference.getFieldName())
              .collect(Collectors.joining("."));
      throw new IllegalArgumentException("recipe: " + explain(e, path), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("recipe: " + e.getOriginalMessage(), e);
    }
  }

  /** A range's message begins with the field's name; a type's does not. */
  private static String explain(JsonMappingException failure, String path) {
    Throwable cause = failure.getCause();
    if (cause instanceof IllegalArgumentException) {
      return (path.isEmpty() ? "" : path + ".") + cause.getMessage();
    }
    return path + ": " + YamlReader.firstLine(failure.getOriginalMessage());
  }

  /** A recipe as YAML that {@link #with(String, String)} reads, with every field. */
  public static String toYaml(Recipe recipe) {
    try {
      return WRITER.writeValueAsString(recipe);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a recipe of plain values can be written", e);
    }
  }
}
