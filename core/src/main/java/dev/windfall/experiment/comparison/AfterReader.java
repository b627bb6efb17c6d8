package dev.windfall.experiment.comparison;

import dev.windfall.experiment.FieldReader;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the field {@code after} of comparison files: rows of a name of one's own, which begin with
 * what another row's runs ended with.
 */
final class AfterReader {

  private static final String FIELD = "after";
  private static final List<String> FIELDS = fieldNames();

  private final FieldReader fields;
  private final Map<String, FieldReader> blocks;

  /**
   * Reads the names.
   *
   * @param taken what {@code methods} can name besides
   * @throws IllegalArgumentException where a name is taken, or no name
   */
  AfterReader(FieldReader fields, Collection<String> taken) {
    this.fields = fields;
    blocks = fields.blocksByName(FIELD, FIELDS);
    for (String name : blocks.keySet()) {
      // A run's folder has the method's label with a hyphen for its stroke.
      boolean isTaken = taken.stream().anyMatch(label -> label.replace('/', '-').equals(name));
      if (isTaken || !FieldReader.isName(name)) {
        throw fields.wrong(
            FIELD,
            "must have names of letters, digits, '.', '_' and '-' that are no method's, not '%s'"
                .formatted(name));
      }
    }
  }

  private static List<String> fieldNames() {
    List<String> names = new ArrayList<>(List.of("method"));
    names.addAll(Inheritance.labels());
    return List.copyOf(names);
  }

  /** The names, which {@code methods} can have. */
  List<String> names() {
    return List.copyOf(blocks.keySet());
  }

  /**
   * Reads what the names stand for.
   *
   * @param methods that are compared, those of these names included
   * @throws IllegalArgumentException naming the field, where a method or a row is unknown or does
   *     not suit, or the budget cannot be kept to
   */
  Map<String, Comparison.After> rows(Collection<Comparison.Choice> methods, Budget budget) {
    if (!blocks.isEmpty() && budget != Budget.EPOCHS && budget != Budget.MULTIPLIER) {
      throw fields.wrong(
          FIELD,
          "goes with the budgets epochs and multiplier, not with %s: such a row costs what another one leaves to it"
              .formatted(budget.label()));
    }
    Map<String, Comparison.After> rows = new LinkedHashMap<>();
    blocks.forEach(
        (name, block) -> {
          if (methods.stream().noneMatch(choice -> choice.method().equals(name))) {
            throw fields.wrong(FIELD, "has '%s', which methods must name, too".formatted(name));
          }
          rows.put(name, row(name, block, methods));
        });
    return rows;
  }

  private Comparison.After row(
      String name, FieldReader block, Collection<Comparison.Choice> methods) {
    List<Inheritance> said =
        Arrays.stream(Inheritance.values()).filter(it -> block.has(it.label())).toList();
    if (said.size() != 1) {
      throw fields.wrong(
          FIELD + "." + name, "must have either " + String.join(" or ", Inheritance.labels()));
    }
    Inheritance inherits = said.getFirst();
    return new Comparison.After(
        method(block, inherits), inherits, source(block, inherits.label(), methods));
  }

  private static String method(FieldReader block, Inheritance inherits) {
    List<String> known =
        SparseTrainingMethod.all().stream()
            .filter(inherits::suits)
            .map(SparseTrainingMethod::name)
            .toList();
    if (!block.has("method")) {
      throw block.wrong("method", "must be one of " + String.join(" ", known));
    }
    return block.name("method", known.getFirst(), known);
  }

  private Comparison.Choice source(
      FieldReader block, String field, Collection<Comparison.Choice> methods) {
    List<Comparison.Choice> sparse = methods.stream().filter(AfterReader::canLeave).toList();
    Map<String, Comparison.Choice> sources = Comparison.Choice.byLabel(sparse);
    List<String> named = block.texts(field, List.of());
    Comparison.@Nullable Choice source = named.size() == 1 ? sources.get(named.getFirst()) : null;
    if (source == null) {
      throw block.wrong(
          field,
          "must be one of the sparse methods that are compared (%s), not %s"
              .formatted(String.join(" ", sources.keySet()), String.join(" ", named)));
    }
    return new Comparison.Choice(source.method(), source.distribution(), null);
  }

  /** Whether the runs of a choice are sparse, of full width, and begin by themselves. */
  private static boolean canLeave(Comparison.Choice choice) {
    return SparseTrainingMethod.all().stream()
        .anyMatch(method -> method.name().equals(choice.method()) && method.sparse());
  }
}
