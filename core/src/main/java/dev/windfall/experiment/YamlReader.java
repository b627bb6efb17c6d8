package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Reads YAML that nobody vouches for as plain data: bounded in size and depth, without duplicate
 * names, anchors, aliases or tags.
 */
public final class YamlReader {

  /** Characters of the longest text that is read. */
  static final int LONGEST_TEXT = 1 << 20;

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(20)
                          .maxDocumentLength(LONGEST_TEXT)
                          .build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private YamlReader() {}

  /**
   * The tree of a document; a missing node for an empty one.
   *
   * @param text of the document
   * @param source what to call it in messages
   * @throws IllegalArgumentException with source, line and column of what cannot be read
   */
  public static JsonNode read(String text, String source) {
    if (text.length() > LONGEST_TEXT) {
      throw new IllegalArgumentException(
          "%s is longer than %d characters".formatted(source, LONGEST_TEXT));
    }
    try {
      requirePlain(text, source);
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s%s: %s".formatted(source, place(e.getLocation()), firstLine(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(source, e);
    }
  }

  /** Aliases would let a small text grow large; tags name types. */
  private static void requirePlain(String text, String source) throws IOException {
    try (JsonParser parser = YAML.createParser(text)) {
      while (parser.nextToken() != null) {
        boolean alias = parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
        if (alias || parser.getObjectId() != null || parser.getTypeId() != null) {
          throw new IllegalArgumentException(
              "%s%s: anchors (&), aliases (*) and tags (!) are not read"
                  .formatted(source, place(parser.currentTokenLocation())));
        }
      }
    }
  }

  private static String place(JsonLocation location) {
    return location == null || location.getLineNr() < 1
        ? ""
        : ", line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  static String firstLine(String message) {
    return message.lines().findFirst().orElse(message).strip();
  }
}
