package dev.windfall.lottery;

import dev.windfall.network.Network;
import dev.windfall.training.StateFile;
import dev.windfall.training.StoredState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tickets as files: the tensors of a checkpoint ({@link StoredState}), with the origin in the
 * metadata. Equal tickets are equal files.
 */
public final class TicketFile {

  private static final String FORMAT = "windfall-ticket-1";
  private static final int LONGEST_TEXT = 200;

  private final Map<String, String> about;

  private TicketFile(Map<String, String> about) {
    this.about = about;
  }

  /**
   * Writes a ticket, or replaces it: the file is there as a whole or not at all.
   *
   * @param network that the ticket is of
   */
  public static void write(Path file, Network network, Ticket ticket) throws IOException {
    Ticket.Origin origin = ticket.origin();
    Map<String, String> about = new TreeMap<>();
    about.put("format", FORMAT);
    about.put("model", origin.model());
    about.put("data", origin.data());
    about.put("seed", Long.toString(origin.seed()));
    about.put("drawing", origin.drawing());
    about.put("round", Integer.toString(origin.round()));
    about.put("sparsity", Double.toString(origin.sparsity()));
    about.put("start", origin.start());
    about.put("control", origin.control());
    about.put("step", Long.toString(origin.step()));
    about.put("steps", Long.toString(origin.steps()));
    about.put("pruned-sha256", origin.pruned());
    about.put("weights-sha256", origin.weights());
    StateFile.write(file, about, StoredState.of(network, ticket.state()));
  }

  /**
   * Reads a ticket that nobody vouches for.
   *
   * @throws IOException naming the file and what is wrong in it
   */
  public static Ticket read(Path file) throws IOException {
    StateFile.Contents contents = StateFile.read(file);
    if (!FORMAT.equals(contents.about().get("format"))) {
      throw new IOException(
          "%s is no ticket: its metadata does not say 'format' %s".formatted(file, FORMAT));
    }
    try {
      return new Ticket(new TicketFile(contents.about()).origin(), contents.stored().state());
    } catch (IllegalArgumentException e) {
      throw new IOException("%s is damaged: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Ticket.Origin origin() {
    return new Ticket.Origin(
        text("model"),
        text("data"),
        number("seed", Long::valueOf),
        text("drawing"),
        number("round", Integer::valueOf),
        number("sparsity", Double::valueOf),
        text("start"),
        text("control"),
        number("step", Long::valueOf),
        number("steps", Long::valueOf),
        text("pruned-sha256"),
        text("weights-sha256"));
  }

  /** Texts stand in messages, which have one line. */
  private String text(String name) {
    @Nullable String text = about.get(name);
    if (text == null
        || text.length() > LONGEST_TEXT
        || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "metadata '%s' is missing, longer than %d characters or not printable"
              .formatted(name, LONGEST_TEXT));
    }
    return text;
  }

  private <T> T number(String name, Function<String, T> reader) {
    String text = text(name);
    try {
      return reader.apply(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("metadata '%s' is no number: %s".formatted(name, text), e);
    }
  }
}
