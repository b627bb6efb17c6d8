package dev.windfall.experiment.comparison;

import dev.windfall.experiment.RecipeDraft;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.Sparsification;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a run begins with of what another one ended with. */
public enum Inheritance {
  /** The very connections. */
  CONNECTIONS("mask-from", "mask", "the connections that %s ended with"),
  /** How many connections each layer has; which ones is drawn anew. */
  DENSITIES(
      "densities-from",
      "densities-from",
      "as many connections in each layer as %s ended with, drawn anew");

  private final String label;
  private final String field;
  private final String description;

  Inheritance(String label, String field, String description) {
    this.label = label;
    this.field = field;
    this.description = description;
  }

  /** The field of comparison files that names the other row. */
  public String label() {
    return label;
  }

  /**
   * In words, such as {@code the connections that gmp/global ended with}.
   *
   * @param row the other row
   */
  public String description(String row) {
    return description.formatted(row);
  }

  /** The labels of all. */
  static List<String> labels() {
    return Arrays.stream(values()).map(Inheritance::label).toList();
  }

  /** Whether a run of a method can begin so. */
  boolean suits(SparseTrainingMethod method) {
    return this == CONNECTIONS
        ? method.sparsification() == Sparsification.FROM_THE_START
        : method.sparse();
  }

  /**
   * A recipe that begins so; what it says of densities itself is taken back.
   *
   * @param run folder of the other run
   * @param source what to call it in messages
   */
  RecipeDraft over(RecipeDraft draft, Path run, String source) {
    return draft
        .with(List.of("sparsity"), "{distribution: null, layers: {}, dense: null}", source)
        .withText(List.of("sparsity", field), run.toString(), source);
  }
}
