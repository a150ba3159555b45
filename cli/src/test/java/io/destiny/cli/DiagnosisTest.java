package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  private static final QuorumRule RULE = new QuorumRule(3, FaultModel.HYBRID);
  private final SortedMap<Integer, JsonNode> pages = new TreeMap<>();

  private static String well(String name) {
    return """
        {"name": "%s", "view": 0, "entered": true, "leader": 0, "stable": 0, "decided": 9,
         "highest": 9, "ordered": 9, "demanded": 9, "executed": 9, "open": 0, "proposed": false,
         "payload": false, "committed": false, "votes": []}
        """
        .formatted(name);
  }

  /** The page's part about one instance, to be changed. */
  private ObjectNode at(int replica, int instance) {
    return (ObjectNode) pages.get(replica).path("instances").path(instance);
  }

  private void answer(int... replicas) throws JsonProcessingException {
    for (int replica : replicas) {
      ObjectNode page = Output.object();
      ArrayNode instances = page.putArray("instances");
      for (String name : List.of("D0", "D1", "D2", "O")) {
        instances.add(Output.JSON.readTree(well(name)));
      }
      pages.put(replica, page);
    }
  }

  private List<String> texts(String name) {
    return instance(name).findings().stream().map(Diagnosis.Finding::text).toList();
  }

  private Diagnosis.Instance instance(String name) {
    return new Diagnosis(RULE, pages)
        .instances().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void nothingIsFoundWhereAllIsWell() throws Exception {
    answer(0, 1, 2);
    Diagnosis well = new Diagnosis(RULE, pages);
    assertThat(well.instances()).hasSize(4).allMatch(i -> i.findings().isEmpty());
    assertThat(instance("D1").line()).contains("view 0, led by R0", "executed to 9");
  }

  @Test
  void anObserverIsNamedWithItsReason() throws Exception {
    answer(0, 1, 2);
    assertThat(new Diagnosis(RULE, pages).replicas()).isEmpty();
    ((ObjectNode) pages.get(2)).put("observer", true).put("observerReason", "its log is gone");
    assertThat(new Diagnosis(RULE, pages).replicas())
        .extracting(Diagnosis.Finding::text)
        .containsExactly("R2 is an observer, which counts as one of the f = 1: its log is gone");
  }

  @Test
  void votesOfAllReplicasAreCountedTogether() throws Exception {
    answer(0, 1);
    at(0, 1).put("open", 10).put("proposed", true).putArray("votes").add(0);
    assertThat(texts("D1")).containsExactly("slot 10 waits for votes: 1 of 2, missing R1 R2");
    at(1, 1).put("open", 10).put("proposed", true).putArray("votes").add(0).add(1);
    assertThat(instance("D1").voted()).containsExactly(0, 1);
    assertThat(instance("D1").missing()).containsExactly(2);
  }

  @Test
  void aDemandedSlotThatNobodyProposedWaitsForItsLeader() throws Exception {
    answer(1, 2);
    at(1, 2).put("open", 10).put("demanded", 10).put("ordered", 10);
    assertThat(texts("D2"))
        .containsExactly(
            "slot 10 waits for the proposal of R0",
            "slot 10 is ordered and not executed at R1: waits for its own decision");
    assertThat(instance("D2").blocked()).isEqualTo(10);
  }

  @Test
  void whoLacksWhatOthersDecidedIsNamed() throws Exception {
    answer(0, 1, 2);
    at(0, 0).put("decided", 10).put("ordered", 10);
    at(1, 0).put("decided", 10).put("ordered", 10);
    at(2, 0).put("open", 10).put("committed", true);
    assertThat(texts("D0")).containsExactly("slot 10 is committed: R2 waits for its payload");
  }

  @Test
  void aSlotBehindAnotherInstanceSaysWhichOne() throws Exception {
    answer(0, 1, 2);
    at(2, 0).put("decided", 12).put("ordered", 12).put("demanded", 12);
    at(2, 1).put("demanded", 10).put("ordered", 10).put("open", 10);
    assertThat(texts("D0"))
        .contains("slot 10 is ordered and not executed at R2: waits for slot 10 of D1");
  }

  @Test
  void whatIsNotOrderedWaitsForTheOrderPrimaryOfTheNewestView() throws Exception {
    answer(0, 1, 2);
    at(1, 3).put("view", 1).put("leader", 1);
    at(0, 3).put("view", 1).put("leader", 1).put("entered", false);
    at(0, 2).put("decided", 11);
    assertThat(texts("D2"))
        .contains("slot 10 is committed and not ordered: waits for R1, which leads O");
    assertThat(texts("O"))
        .containsExactly(
            "R0 has left a view and waits for the NEW-VIEW of R1 for view 1",
            "R2 is still in view 0");
  }

  @Test
  void replicasThatAreSilentOrHoldRequestsAreNamed() throws Exception {
    answer(0, 1);
    ((ObjectNode) pages.get(0)).put("pending", 3).put("executed", 40);
    ((ObjectNode) pages.get(1)).put("healthy", false).put("reason", "catching up");
    Diagnosis first = new Diagnosis(RULE, pages);
    assertThat(first.replicas().stream().map(Diagnosis.Finding::text))
        .containsExactly(
            "R0 holds 3 requests that are not executed",
            "R1 is not well: catching up",
            "R2 does not answer");
    ((ObjectNode) pages.get(0)).put("executed", 41);
    assertThat(new Diagnosis(RULE, pages).replicas().stream().filter(first::has)).hasSize(2);
  }

  @Test
  void theSameFindingIsKnownAgain() throws Exception {
    answer(0, 1, 2);
    at(0, 1).put("open", 10).put("proposed", true).putArray("votes").add(0);
    Diagnosis first = new Diagnosis(RULE, pages);
    at(0, 1).putArray("votes").add(1);
    Diagnosis.Finding again = instance("D1").findings().getFirst();
    assertThat(first.has(again)).isTrue();
    at(0, 1).put("open", 11).put("decided", 10).put("ordered", 10);
    assertThat(first.has(instance("D1").findings().getFirst())).isFalse();
  }
}
