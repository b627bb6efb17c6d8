package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that a resolved recipe names and that a training begins with. It may be moved from one
 * folder to another, but must not become another: the run's provenance has its checksum.
 */
public enum RecipeFile {
  /** The connections at the start. */
  MASK,
  /** Connections and weights at the start. */
  TICKET,
  /** The checkpoint that is learned from. */
  TEACHER;

  /** The field that names it. */
  public List<String> field() {
    return switch (this) {
      case MASK -> List.of("sparsity", "mask");
      case TICKET -> List.of("sparsity", "ticket");
      case TEACHER -> List.of("tweak", "distillation", "teacher");
    };
  }

  /** Where a recipe has it; null where it has none. */
  public @Nullable String path(Recipe recipe) {
    return switch (this) {
      case MASK -> recipe.sparsity().mask();
      case TICKET -> recipe.sparsity().ticket();
      case TEACHER -> recipe.tweak().distillation().teacher();
    };
  }

  /** Where {@code provenance.json} has its checksum. */
  JsonPointer checksum() {
    return this == TEACHER ? Provenance.TEACHER_CHECKSUM : Provenance.MASK_CHECKSUM;
  }
}
