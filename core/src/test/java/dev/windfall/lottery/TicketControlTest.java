package dev.windfall.lottery;

import static dev.windfall.lottery.Tickets.at;
import static dev.windfall.lottery.Tickets.connections;
import static dev.windfall.lottery.Tickets.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Parameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TicketControlTest {

  private static final State DENSE = Tickets.state(7, 2, Tickets.SGD);
  private static final State TICKET = Tickets.ticket().state();

  private static State of(TicketControl control, long seed) {
    return control.of(TICKET, DENSE, Tickets.NETWORK, Initialization.HE_FAN_IN, seed);
  }

  @ParameterizedTest
  @EnumSource
  void everyLayerKeepsItsNumberOfConnections(TicketControl control) {
    for (Parameter weight : Tickets.NETWORK.prunable()) {
      assertThat(connections(of(control, 3), weight.name()).count())
          .isEqualTo(connections(TICKET, weight.name()).count());
    }
    new Ticket(Tickets.ORIGIN, of(control, 3)).requireFits(Tickets.NETWORK);
    assertThat(of(control, 3)).usingRecursiveComparison().isEqualTo(of(control, 3));
  }

  @Test
  void withoutAControlTheTicketIsTheTicket() {
    assertThat(of(TicketControl.NONE, 3)).isSameAs(TICKET);
  }

  @Test
  void aReinitialisedTicketHasItsConnectionsAndNoWeightOfTheTraining() {
    State control = of(TicketControl.REINITIALISED, 3);
    assertThat(control.optimizerSteps()).isZero();
    for (Parameter weight : Tickets.NETWORK.prunable()) {
      assertThat(connections(control, weight.name())).isEqualTo(connections(TICKET, weight.name()));
      assertThat(tensor(control, weight.name()).values())
          .isNotEqualTo(tensor(TICKET, weight.name()).values())
          .isNotEqualTo(tensor(of(TicketControl.REINITIALISED, 4), weight.name()).values());
      assertThat(tensor(control, weight.name()).momentum()).containsOnly(0);
    }
    assertThat(tensor(control, "norm1.scale").values()).containsOnly(1);
    assertThat(tensor(control, "norm1.running-mean").values()).containsOnly(0);
  }

  @Test
  void aShuffledTicketHasTheWeightsAtOtherConnections() {
    State control = of(TicketControl.SHUFFLED, 3);
    String name = "linear1.weight";
    assertThat(connections(control, name)).isNotEqualTo(connections(TICKET, name));
    float[] values = tensor(control, name).values().clone();
    float[] own = tensor(TICKET, name).values().clone();
    assertThat(values).isNotEqualTo(own).containsExactlyInAnyOrder(own);
    assertThat(tensor(control, "linear1.bias"))
        .usingRecursiveComparison()
        .isEqualTo(tensor(TICKET, "linear1.bias"));
  }

  @Test
  void aRandomTicketHasTheDenseNetworksWeights() {
    State control = of(TicketControl.RANDOM, 3);
    String name = "linear1.weight";
    assertThat(connections(control, name)).isNotEqualTo(connections(TICKET, name));
    for (long position : connections(control, name).toPositions()) {
      assertThat(at(control, name, position)).isEqualTo(at(DENSE, name, position));
    }
  }
}
