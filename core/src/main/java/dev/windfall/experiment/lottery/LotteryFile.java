package dev.windfall.experiment.lottery;

import dev.windfall.experiment.FieldReader;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.lottery.PruningLadder;
import dev.windfall.lottery.RewindPoint;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads lottery files. A list of one may be written without brackets; what is left out comes from
 * the recipe.
 */
public final class LotteryFile {

  private static final List<String> FIELDS =
      List.of("name", "recipe", "set", "seeds", "draw", "spend", "rows");

  private static final List<String> DRAW_FIELDS =
      List.of("method", "rate", "rounds", "sparsities", "ranking", "start", "rewind", "first");

  private static final List<String> REWIND_FIELDS = List.of("epoch", "step", "share");

  private static final List<String> SPEND_FIELDS = List.of("tickets", "starts", "rows", "rounds");

  private static final double USUAL_RATE = 0.2;

  private final FieldReader fields;

  private LotteryFile(FieldReader fields) {
    this.fields = fields;
  }

  /**
   * Reads a lottery.
   *
   * @param yaml text of the file
   * @param source what to call it in messages
   * @param folder from which the path of a recipe's file leads on
   * @param overrides are laid over the recipe last
   * @throws IllegalArgumentException naming source and field, where the text is no YAML, a field or
   *     a name is unknown (with the nearest known one), or a value is out of range
   * @throws IOException where the recipe's file cannot be read
   */
  public static Lottery read(
      String yaml, String source, Path folder, UnaryOperator<RecipeDraft> overrides)
      throws IOException {
    return new LotteryFile(FieldReader.of(yaml, source, "lottery", FIELDS))
        .lottery(folder, overrides);
  }

  private Lottery lottery(Path folder, UnaryOperator<RecipeDraft> overrides) throws IOException {
    RecipeDraft base = overrides.apply(fields.base(folder));
    Recipe recipe = base.recipe();
    if (recipe.sparsity().mask() != null || recipe.sparsity().ticket() != null) {
      throw fields.wrong(
          "set", "must leave sparsity.mask and sparsity.ticket null: tickets are drawn");
    }
    if (SpendingRow.learnsFromDense(recipe)) {
      throw fields.wrong(
          "set",
          "cannot have the teacher dense, which is trained by this recipe itself: give it to rows");
    }
    Drawing drawing = drawing(block("draw", DRAW_FIELDS));
    Map<String, SpendingRow> rows = rows(base);
    return new Lottery(
        fields.name(),
        base,
        drawing,
        fields.blocks("spend", SPEND_FIELDS).stream()
            .map(block -> group(block, drawing, rows))
            .toList(),
        fields.wholeNumbers("seeds", List.of(recipe.run().seed())));
  }

  private @Nullable FieldReader block(String field, List<String> known) {
    return single(fields, field, known);
  }

  private static @Nullable FieldReader single(
      FieldReader fields, String field, List<String> known) {
    List<FieldReader> blocks = fields.blocks(field, known);
    if (blocks.size() > 1) {
      throw fields.wrong(field, "must be one block, with the fields " + String.join(" ", known));
    }
    return blocks.isEmpty() ? null : blocks.getFirst();
  }

  private Drawing drawing(@Nullable FieldReader draw) {
    if (draw == null) {
      throw fields.wrong("draw", "must be there, with the fields " + String.join(" ", DRAW_FIELDS));
    }
    boolean iterative =
        draw.name(
                "method",
                TicketSource.ITERATIVE,
                List.of(TicketSource.ITERATIVE, TicketSource.ONE_SHOT))
            .equals(TicketSource.ITERATIVE);
    TicketStart start =
        TicketStart.named(draw.name("start", TicketStart.INITIAL.label(), TicketStart.labels()));
    return new Drawing(
        iterative,
        ladder(draw),
        draw.name("ranking", "global", List.of("global", "layer")).equals("global"),
        start,
        rewind(draw),
        draw.settings("first"));
  }

  private static PruningLadder ladder(FieldReader draw) {
    @Nullable Double rate = draw.number("rate");
    @Nullable Integer rounds = draw.wholeNumber("rounds");
    List<Double> sparsities =
        draw.values(
            "sparsities", List.of(), "numbers", node -> node.isNumber() ? node.asDouble() : null);
    if (rounds == null && sparsities.isEmpty()) {
      throw draw.wrong("rounds", "must be there: how many are drawn, or their sparsities");
    }
    if (!sparsities.isEmpty()) {
      if (rounds != null || rate != null) {
        throw draw.wrong("sparsities", "stand in the place of rate and rounds: leave these out");
      }
      return checked(draw, "sparsities:", () -> new PruningLadder(sparsities));
    }
    int count = rounds == null ? 0 : rounds;
    return checked(
        draw, "rounds:", () -> PruningLadder.of(rate == null ? USUAL_RATE : rate, count));
  }

  private static RewindPoint rewind(FieldReader draw) {
    @Nullable FieldReader rewind = single(draw, "rewind", REWIND_FIELDS);
    if (rewind == null) {
      return RewindPoint.usual();
    }
    @Nullable Integer epoch = rewind.wholeNumber("epoch");
    @Nullable Integer step = rewind.wholeNumber("step");
    @Nullable Double share = rewind.number("share");
    long given = Stream.of(epoch != null, step != null, share != null).filter(it -> it).count();
    if (given != 1) {
      throw draw.wrong("rewind", "must have one of the fields " + String.join(" ", REWIND_FIELDS));
    }
    return checked(draw, "rewind:", () -> rewind(epoch, step, share));
  }

  /** Of the first that is there. */
  private static RewindPoint rewind(
      @Nullable Integer epoch, @Nullable Integer step, @Nullable Double share) {
    if (epoch != null) {
      return new RewindPoint.Epoch(epoch);
    }
    return step != null
        ? new RewindPoint.Step(step)
        : new RewindPoint.Share(share == null ? 0 : share);
  }

  /** A value whose own refusal gets the field's name. */
  private static <T> T checked(FieldReader fields, String field, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw fields.wrong(field, String.valueOf(e.getMessage()));
    }
  }

  /** The shipped rows and the file's own, which may replace them. */
  private Map<String, SpendingRow> rows(RecipeDraft base) {
    Map<String, SpendingRow> rows = new LinkedHashMap<>();
    SpendingRows.shipped().forEach(row -> rows.put(row.name(), row));
    fields
        .settingsByName("rows")
        .forEach(
            (name, settings) -> {
              if (name.equals(SpendingRow.VANILLA.name()) || !name.matches("[a-z0-9][a-z0-9-]*")) {
                throw fields.wrong(
                    "rows", "must have names of a-z, 0-9 and '-', and not '%s'".formatted(name));
              }
              settings.over(base).recipe();
              rows.put(name, new SpendingRow(name, settings));
            });
    return rows;
  }

  private SpendingGroup group(FieldReader block, Drawing drawing, Map<String, SpendingRow> rows) {
    Map<String, TicketSource> sources = new LinkedHashMap<>();
    TicketSource.all(drawing.iterative()).forEach(source -> sources.put(source.label(), source));
    if (!block.has("tickets")) {
      throw block.wrong(
          "tickets", "must name at least one of " + String.join(" ", sources.keySet()));
    }
    SpendingGroup group =
        new SpendingGroup(
            known(block, "tickets", "", sources),
            block.names("starts", List.of(drawing.start().label()), TicketStart.labels()).stream()
                .map(TicketStart::named)
                .toList(),
            known(block, "rows", SpendingRow.VANILLA.name(), rows),
            rounds(block, drawing.ladder().rounds()));
    for (TicketSource source : group.sources()) {
      if (source instanceof TicketSource.Drawn(boolean _, TicketControl control)
          && group.starts().stream().noneMatch(((TicketSource.Drawn) source)::has)) {
        throw block.wrong(
            "starts", "have none that %s tickets can have".formatted(control.label()));
      }
    }
    return group;
  }

  private static <T> List<T> known(
      FieldReader block, String field, String byDefault, Map<String, T> values) {
    List<T> found = new ArrayList<>();
    for (String name : block.names(field, List.of(byDefault), List.copyOf(values.keySet()))) {
      @Nullable T value = values.get(name);
      if (value != null) {
        found.add(value);
      }
    }
    return found;
  }

  private static List<Integer> rounds(FieldReader block, int last) {
    return block.values(
        "rounds",
        IntStream.rangeClosed(1, last).boxed().toList(),
        "whole numbers from 1 to " + last,
        node ->
            node.isIntegralNumber() && node.asLong() >= 1 && node.asLong() <= last
                ? node.asInt()
                : null);
  }
}
