package io.destiny.crypto.trusted;

import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.nio.file.Path;
import java.util.List;

/** A host program that starts its trusted process, advances a counter and waits to be killed. */
public final class TrustedHost {
  private TrustedHost() {}

  public static void main(String[] args) throws Exception {
    TrustedProcessClient client =
        TrustedProcessLauncher.ensureRunning(
            Path.of(args[0]), TrustedProcessTest.jvmCommandPrefix());
    var call = new TrustedCall.IndependentShare(0, Counters.ORDER, 5, Digest.of(new byte[] {1}));
    System.out.println(client.call(List.of(call)).getFirst().getClass().getSimpleName());
    System.out.flush();
    if (System.in.read() < 0) {
      System.exit(0);
    }
  }
}
