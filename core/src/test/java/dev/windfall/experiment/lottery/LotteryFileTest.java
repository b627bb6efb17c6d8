package dev.windfall.experiment.lottery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.lottery.RewindPoint;
import dev.windfall.lottery.TicketStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LotteryFileTest {

  private static Lottery read(String yaml) throws IOException {
    return LotteryFile.read(yaml, "l.yaml", Path.of(""), draft -> draft);
  }

  @Test
  void whatIsLeftOutIsAsThePaperHasIt() throws IOException {
    Lottery lottery = read("{name: l, draw: {rounds: 3}}");
    Drawing drawing = lottery.drawing();
    assertThat(drawing.iterative()).isTrue();
    assertThat(drawing.ladder().sparsities()).containsExactly(0.2, 0.36, 0.488);
    assertThat(drawing.together()).isTrue();
    assertThat(drawing.start()).isEqualTo(TicketStart.INITIAL);
    assertThat(drawing.rewind()).isEqualTo(RewindPoint.usual());
    assertThat(lottery.spending()).isEmpty();
    assertThat(lottery.seeds()).containsExactly(1L);
  }

  @Test
  void everyFieldIsRead() throws IOException {
    Lottery lottery =
        read(
            """
            name: all
            recipe: lenet-5-fashion-mnist
            set: {training.epochs: 3}
            seeds: [4, 5]
            draw:
              method: one-shot
              sparsities: [0.5, 0.9]
              ranking: layer
              start: learning-rate
              rewind: {epoch: 1}
              first: {run.engine: torch}
            spend:
              - tickets: [one-shot, rigl]
                starts: [weights, fine-tuning]
                rows: [vanilla, mine, swish]
                rounds: 2
              - {tickets: dense, rows: swish}
            rows:
              mine: {training.loss.label-smoothing: 0.2}
            """);
    Drawing drawing = lottery.drawing();
    assertThat(drawing.iterative()).isFalse();
    assertThat(drawing.ladder().sparsities()).containsExactly(0.5, 0.9);
    assertThat(drawing.together()).isFalse();
    assertThat(drawing.start()).isEqualTo(TicketStart.LEARNING_RATE);
    assertThat(drawing.rewind()).isEqualTo(new RewindPoint.Epoch(1));
    assertThat(drawing.first().over(lottery.base()).recipe().run().engine()).isEqualTo("torch");
    assertThat(lottery.base().recipe().training().epochs()).isEqualTo(3);
    assertThat(lottery.base().recipe().model().name()).isEqualTo("lenet-5");
    SpendingGroup group = lottery.spending().getFirst();
    assertThat(group.sources()).map(TicketSource::label).containsExactly("one-shot", "rigl");
    assertThat(group.starts()).containsExactly(TicketStart.WEIGHTS, TicketStart.FINE_TUNING);
    assertThat(group.rows()).map(SpendingRow::name).containsExactly("vanilla", "mine", "swish");
    assertThat(group.rounds()).containsExactly(2);
    assertThat(lottery.spending().get(1).rounds()).containsExactly(1, 2);
    assertThat(lottery.seeds()).containsExactly(4L, 5L);
  }

  /** Each lays over the default recipe what it names, and nothing that is unknown. */
  @Test
  void everyShippedRowIsARecipe() {
    List<SpendingRow> rows = SpendingRows.shipped();
    assertThat(rows)
        .map(SpendingRow::name)
        .containsExactly(
            "vanilla",
            "skip",
            "swish",
            "mish",
            "label-smoothing",
            "distillation",
            "rescaled",
            "at",
            "trt",
            "at-trt",
            "at-trt-distillation");
    assertThat(rows.getFirst().isVanilla()).isTrue();
    for (SpendingRow row : rows.subList(1, rows.size())) {
      assertThat(row.settings().over(RecipeDraft.defaults()).recipe())
          .isNotEqualTo(RecipeDraft.defaults().recipe());
    }
  }

  private static Recipe spent(String row) {
    return SpendingRows.shipped().stream()
        .filter(it -> it.name().equals(row))
        .findFirst()
        .orElseThrow()
        .settings()
        .over(RecipeDraft.defaults())
        .recipe();
  }

  /** "Spending Your Winning Lottery Better", sections 4.2 to 4.4 and 4.6. */
  @Test
  void theCombinedRowsAreMadeOfTheSingleOnes() {
    Recipe.Tweak at = spent("at").tweak();
    assertThat(at.skips()).isEqualTo(spent("skip").tweak().skips()).isEqualTo("plain");
    assertThat(at.activation()).isEqualTo(spent("swish").tweak().activation()).isEqualTo("swish");
    Recipe trt = spent("trt");
    assertThat(trt.training().loss()).isEqualTo(spent("label-smoothing").training().loss());
    assertThat(trt.tweak()).isEqualTo(spent("rescaled").tweak());
    assertThat(trt.tweak().rescaledInit().learnedOn()).isEqualTo("sparse");
    Recipe both = spent("at-trt");
    assertThat(both.training().loss()).isEqualTo(new Recipe.Loss(0.1, "others"));
    assertThat(both.tweak())
        .isEqualTo(
            new Recipe.Tweak(
                "swish", "plain", at.averaging(), at.distillation(), trt.tweak().rescaledInit()));
    Recipe taught = spent("at-trt-distillation");
    assertThat(taught.training().loss().labelSmoothing()).isZero();
    assertThat(taught.tweak())
        .isEqualTo(
            new Recipe.Tweak(
                "swish",
                "plain",
                at.averaging(),
                spent("distillation").tweak().distillation(),
                trt.tweak().rescaledInit()));
  }

  @Test
  void everyShippedLotteryCanBeRead() throws IOException {
    for (String name : ShippedLotteries.FILES.names()) {
      assertThat(read(ShippedLotteries.FILES.text(name)).name()).isEqualTo(name);
      assertThat(ShippedLotteries.FILES.description(name)).isNotBlank();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {name: l}                                              | draw must be there, with the fields method
          {name: l, draw: {}}                                    | draw.rounds must be there
          {name: l, draw: {rounds: 0}}                           | draw.rounds: rounds must be from 1 to 100
          {name: l, draw: {rounds: 3, rate: 1}}                  | rate must be above 0 and below 1, not 1.0
          {name: l, draw: {rounds: 3, sparsities: [0.5]}}        | draw.sparsities stand in the place of
          {name: l, draw: {sparsities: [0.5, 0.4]}}              | must ascend between 0 and 1
          {name: l, draw: {round: 3}}                            | unknown field 'draw.round'; did you mean draw.rounds?
          {name: l, draw: {rounds: 3, method: one_shot}}         | did you mean one-shot?
          {name: l, draw: {rounds: 3, rewind: {}}}               | draw.rewind must have one of the fields epoch step
          {name: l, draw: {rounds: 3, rewind: {epoch: 1, step: 2}}} | draw.rewind must have one of
          {name: l, draw: {rounds: 3, rewind: {epoch: -1}}}      | draw.rewind: the point must be an epoch
          {name: l, draw: {rounds: 3, rewind: 3}}                | draw.rewind must have the fields epoch
          {name: l, draw: {rounds: 3}, spend: {rows: swish}}     | spend.tickets must name at least one of dense
          {name: l, draw: {rounds: 3}, spend: {tickets: rigI}}   | unknown spend.tickets 'rigI'; did you mean rigl?
          {name: l, draw: {rounds: 3}, spend: {tickets: dense, rows: swich}} | did you mean swish?
          {name: l, draw: {rounds: 3}, spend: {tickets: iterative, rounds: 4}} | spend.rounds must be whole numbers from 1 to 3, not 4
          {name: l, draw: {rounds: 3, method: one-shot}, spend: {tickets: iterative}} | unknown spend.tickets 'iterative'
          {name: l, draw: {rounds: 3}, spend: {tickets: reinitialised, starts: weights}} | spend.starts have none that reinitialised tickets can have
          {name: l, draw: {rounds: 3}, rows: {swish: {training.epoch: 3}}} | rows.swish.training.epoch: unknown field training.epoch
          {name: l, draw: {rounds: 3}, rows: {vanilla: {training.epochs: 3}}} | rows must have names of
          {name: l, draw: {rounds: 3}, rows: {a: {training.epochs: 0}}} | training.epochs must be at least 1
          {name: l, draw: {rounds: 3}, set: {sparsity.ticket: x}} | must leave sparsity.mask and sparsity.ticket null
          {name: l, draw: {rounds: 3}, set: {tweak.distillation.teacher: dense}} | set cannot have the teacher dense
          {name: l, draws: {rounds: 3}}                          | unknown field 'draws'; did you mean draw?
          """)
  void refusesWhatItCannotRead(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
