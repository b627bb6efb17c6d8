package dev.windfall.experiment.lottery;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.windfall.experiment.JsonText;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketStart;
import dev.windfall.training.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The folder that holds everything of a lottery.
 *
 * @param path of the folder
 */
public record LotteryFolder(Path path) {

  /** The folders of the trainings. */
  public Path runs() {
    return path.resolve("runs");
  }

  /** The lottery's file, as it was when the lottery last began. */
  public Path lottery() {
    return path.resolve("lottery.yaml");
  }

  /** A file of results. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /** The folder of the tickets. */
  Path tickets() {
    return path.resolve("tickets");
  }

  /** A ticket's file. */
  Path ticket(TicketSource.Drawn source, TicketStart start, int round, long seed) {
    return tickets()
        .resolve(
            "%s-%s-round-%02d-seed-%d.safetensors"
                .formatted(source.label(), start.label(), round, seed));
  }

  private Path rounds() {
    return path.resolve("rounds");
  }

  private Path round(TicketSource.Drawn source, int round, long seed) {
    return rounds().resolve("%s-round-%02d-seed-%d.json".formatted(source.label(), round, seed));
  }

  /**
   * What is known of a round of a drawing.
   *
   * @return empty where its ticket has not been drawn
   * @throws IOException where the file is damaged
   */
  Optional<TicketRound> readRound(TicketSource.Drawn source, int round, long seed)
      throws IOException {
    Path file = round(source, round, seed);
    try {
      return Optional.of(JsonText.read(Files.readString(file), TicketRound.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is damaged; take it away, and it will be made again", e);
    }
  }

  /**
   * The rounds of a plan that are drawn: by drawing, round and seed.
   *
   * @throws IOException where a file is damaged
   */
  public List<TicketRound> rounds(LotteryPlan plan) throws IOException {
    Set<TicketSource.Drawn> sources = new LinkedHashSet<>();
    for (LotteryRun run : plan.runs()) {
      if (run.line().source() instanceof TicketSource.Drawn drawn
          && drawn.control() == TicketControl.NONE) {
        sources.add(drawn);
      }
    }
    List<TicketRound> rounds = new ArrayList<>();
    for (TicketSource.Drawn source : sources) {
      for (int round = 1; round <= plan.lottery().drawing().ladder().rounds(); round++) {
        for (long seed : plan.lottery().seeds()) {
          readRound(source, round, seed).ifPresent(rounds::add);
        }
      }
    }
    return rounds;
  }

  /** Keeps what is known of a round. */
  void writeRound(TicketSource.Drawn source, TicketRound round) throws IOException {
    Files.createDirectories(rounds());
    DurableFile.writeText(round(source, round.round(), round.seed()), JsonText.document(round));
  }

  /** Writes a file so that it is there as a whole or not at all. */
  public void write(Path file, String text) throws IOException {
    Files.createDirectories(path);
    DurableFile.writeText(file, text);
  }
}
