package io.destiny.sim.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptErrorsTest {
  private static final String START = "cluster protocol=toy f=1\n----\nok\n";

  @TempDir Path folder;

  private void run(String text) throws IOException {
    Path file = folder.resolve("script.txt");
    Files.writeString(file, text);
    ScriptFile.run(file, ScriptFileTest.REGISTRY, false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dance | no directive dance",
        "state R9 | no replica R9",
        "state R1 R2 | does not know",
        "deliver Propose | no such message waits",
        "deliver Propose too=R1 | does not know",
        "deliver X1.Propose | not an instance",
        "fire R1 COLLECTOR D1 3 | runs no timer",
        "fire R1 TEA D1 3 | no kind of timer TEA",
        "advance fast | not a duration",
        "submit c1 to=R0 | submit needs t=",
        "submit c1 to=R0 t=4 | no request with t=4",
        "restart R1 | R1 is up",
        "release Propose | nothing is held",
        "expect-dropped MALFORMED | not dropped for MALFORMED",
        "forge Propose as=R1 at=R2 | never sent",
        "crash R1 burn | does not know",
        "partition R0 R9 | no replica R9",
        "cluster protocol=tea | no protocol tea",
        "cluster protocol=toy faulty=R0,R9 | no replica R9",
        "cluster protocol=toy tea=1 | cluster does not know",
      })
  void aDirectiveThatMakesNoSenseFailsWithItsLine(String directive, String message) {
    assertThatThrownBy(() -> run(START + "\n" + directive + "\n----\nok\n"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("script.txt:5: " + directive)
        .hasMessageContaining(message);
  }

  @Test
  void anotherOutputIsShownAsADifference() {
    String script =
        START + "\nsubmit c1 to=R0 x\n----\n  R0 => *  D0.Propose v0 s7\n\nstate R1\n----\nok\n";

    assertThatThrownBy(() -> run(script))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("script.txt:5: submit c1 to=R0 x")
        .hasMessageContaining("  -   R0 => *  D0.Propose v0 s7")
        .hasMessageContaining("  +   R0 => *  D0.Propose v0 s1")
        .hasMessageContaining("script.txt:9: state R1");
  }

  @Test
  void aScriptBeginsWithACluster() {
    assertThatThrownBy(() -> run("state\n----\nok\n")).hasMessageContaining("first directive");
  }

  @Test
  void commentsStayWhereTheyAre() throws IOException {
    String text = "# about it all\n\n# about the cluster\n" + START;
    run(text);
    assertThat(Files.readString(folder.resolve("script.txt"))).isEqualTo(text);
  }

  @Test
  void withRewriteTheFileSaysWhatHappens() throws IOException {
    Path file = folder.resolve("script.txt");
    Files.writeString(
        file, "cluster protocol=toy f=1\n\n\n# why\nsubmit c1 to=R0 x\n----\nwrong\n");
    ScriptFile.run(file, ScriptFileTest.REGISTRY, true);
    assertThat(Files.readString(file))
        .isEqualTo(START + "\n# why\nsubmit c1 to=R0 x\n----\n  R0 => *  D0.Propose v0 s1\n");
  }
}
