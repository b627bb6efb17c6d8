package dev.windfall.training;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints as files: {@code step-%010d.safetensors} holds the tensors, and the {@code .json}
 * beside it says how far the training had come and which bytes the tensors must have. The second is
 * written after the first, and each appears only when it is whole and on the disk: where a {@code
 * .json} stands, its checkpoint is complete. Equal checkpoints are equal files.
 */
public final class CheckpointFile {

  private static final String FORMAT = "windfall-checkpoint-2";
  private static final long LONGEST_DESCRIPTION = 1 << 16;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private CheckpointFile() {}

  @JsonPropertyOrder({"format", "model", "progress", "metrics", "bytes", "sha256"})
  private record Description(
      String format,
      String model,
      Progress progress,
      MetricsWindow metrics,
      long bytes,
      String sha256) {
    /** A file may lack any of them. */
    private Description {
      Objects.requireNonNull(format, "format");
      Objects.requireNonNull(model, "model");
      Objects.requireNonNull(progress, "progress");
      Objects.requireNonNull(metrics, "metrics");
      Objects.requireNonNull(sha256, "sha256");
    }
  }

  /**
   * Writes a checkpoint; an older one of the same step is replaced.
   *
   * @param folder which is made if it is missing
   * @return the {@code .json} file
   */
  public static Path write(Path folder, Checkpoint checkpoint) throws IOException {
    Files.createDirectories(folder);
    Path description = description(folder, checkpoint.progress().step());
    Path tensors = tensorsOf(description);
    MessageDigest digest = Sha256.digest();
    DurableFile.write(
        tensors,
        output -> {
          OutputStream digested =
              new BufferedOutputStream(new DigestOutputStream(output, digest), 1 << 16);
          SafetensorsWriter.write(checkpoint.metadata(), checkpoint.tensors(), digested);
          digested.flush();
        });
    Description content =
        new Description(
            FORMAT,
            checkpoint.model(),
            checkpoint.progress(),
            checkpoint.metrics(),
            Files.size(tensors),
            Sha256.hexadecimal(digest));
    byte[] text = (JSON.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8);
    DurableFile.write(description, output -> output.write(text));
    return description;
  }

  /**
   * Reads a checkpoint that nobody vouches for.
   *
   * @param description the {@code .json} file; the tensors lie beside it
   * @throws IOException naming the file and what is wrong in it
   */
  public static Checkpoint read(Path description) throws IOException {
    Description content = readDescription(description);
    Path tensors = requireWhole(description, content);
    try {
      return Checkpoint.of(
          content.model(), content.progress(), content.metrics(), SafetensorsReader.read(tensors));
    } catch (IllegalArgumentException e) {
      throw new IOException("%s is damaged: %s".formatted(tensors, e.getMessage()), e);
    }
  }

  /**
   * Makes sure that a checkpoint's tensors have the bytes that they should have.
   *
   * @param description the {@code .json} file
   * @return the file of the tensors
   * @throws IOException naming the file and what is wrong in it
   */
  public static Path requireWhole(Path description) throws IOException {
    return requireWhole(description, readDescription(description));
  }

  private static Path requireWhole(Path description, Description content) throws IOException {
    Path tensors = tensorsOf(description);
    if (Files.notExists(tensors)) {
      throw new IOException("%s is damaged: %s is missing".formatted(description, tensors));
    }
    if (Files.size(tensors) != content.bytes()) {
      throw new IOException(
          "%s is damaged: it has %d bytes and should have %d"
              .formatted(tensors, Files.size(tensors), content.bytes()));
    }
    if (!Sha256.of(tensors).equals(content.sha256())) {
      throw new IOException(
          "%s is damaged: its SHA-256 is not the one in %s".formatted(tensors, description));
    }
    return tensors;
  }

  /**
   * Reads how far the training of a checkpoint had come; the tensors are not looked at.
   *
   * @param description the {@code .json} file
   * @throws IOException naming the file and what is wrong in it
   */
  static Progress readProgress(Path description) throws IOException {
    return readDescription(description).progress();
  }

  /**
   * The SHA-256 that the tensors of a checkpoint must have; they are not looked at.
   *
   * @param description the {@code .json} file
   * @throws IOException naming the file and what is wrong in it
   */
  public static String sha256(Path description) throws IOException {
    return readDescription(description).sha256();
  }

  /** The {@code .json} file of a step's checkpoint. */
  static Path description(Path folder, long step) {
    return folder.resolve("step-%010d.json".formatted(step));
  }

  private static Description readDescription(Path file) throws IOException {
    byte[] text;
    try (InputStream input = Files.newInputStream(file)) {
      text = input.readNBytes((int) LONGEST_DESCRIPTION);
    }
    try {
      // As a text, lest Jackson take a damaged one for UTF-16 or UTF-32.
      @Nullable Description content =
          JSON.readValue(new String(text, StandardCharsets.UTF_8), Description.class);
      if (content == null) {
        throw new IOException(file + " is damaged: it says nothing");
      }
      if (content.format().equals(FORMAT)) {
        return content;
      }
      throw new IOException(
          "%s has a format that this version does not read; it reads %s".formatted(file, FORMAT));
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s is damaged: %s"
              .formatted(file, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
  }

  /** The tensors' file of a description. */
  static Path tensorsOf(Path description) {
    String name = description.getFileName().toString();
    if (!name.endsWith(".json")) {
      throw new IllegalArgumentException(
          description + " is no checkpoint: its name must end in .json");
    }
    return description.resolveSibling(
        name.substring(0, name.length() - ".json".length()) + ".safetensors");
  }
}
