package io.destiny.crypto.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SignatureSuiteTest {
  private static final byte[] STATEMENT = {1, 2, 3};
  private static final BigInteger EDWARDS_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  static Stream<List<SignatureSuite>> suites() {
    return Stream.of(
        List.of(SignatureSuite.ED25519, SignatureSuite.ed25519(SignatureProviders.bouncyCastle())),
        List.of(
            SignatureSuite.ECDSA_P256, SignatureSuite.ecdsa(SignatureProviders.bouncyCastle())));
  }

  @Test
  void theNativeProviderRunsWhereItIsBuiltForAndNothingIsRegistered() {
    boolean builtFor =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    if (builtFor) {
      assertThat(SignatureSuite.ED25519.providerName())
          .isEqualTo(AmazonCorrettoCryptoProvider.PROVIDER_NAME);
    }
    assertThat(Security.getProvider(AmazonCorrettoCryptoProvider.PROVIDER_NAME)).isNull();
    assertThat(Security.getProvider("BC")).isNull();
  }

  @ParameterizedTest
  @MethodSource("suites")
  void bothProvidersReadTheSameKeysAndAcceptEachOthersSignatures(List<SignatureSuite> suites) {
    KeyPair pair = suites.getFirst().generate();
    byte[] spki = pair.getPublic().getEncoded();
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    for (SignatureSuite signer : suites) {
      byte[] signature = signer.sign(signer.privateKey(pkcs8), STATEMENT);
      for (SignatureSuite verifier : suites) {
        assertThat(verifier.verify(verifier.publicKey(spki), STATEMENT, signature)).isTrue();
        assertThat(verifier.verify(verifier.publicKey(spki), new byte[3], signature)).isFalse();
        byte[] longer = Arrays.copyOf(signature, signature.length + 1);
        assertThat(verifier.verify(verifier.publicKey(spki), STATEMENT, longer)).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("suites")
  void keysOfThePlatformsOwnFactoryAreReadToo(List<SignatureSuite> suites) {
    KeyPair pair = suites.getFirst().generate();
    for (SignatureSuite suite : suites.subList(0, 1)) {
      byte[] signature = suite.sign(pair.getPrivate(), STATEMENT);
      assertThat(suite.verify(pair.getPublic(), STATEMENT, signature)).isTrue();
      assertThat(suite.verify(suite.publicKey(pair.getPublic().getEncoded()), STATEMENT, signature))
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("suites")
  void garbageIsNoKey(List<SignatureSuite> suites) {
    for (SignatureSuite suite : suites) {
      for (byte[] garbage : List.of(new byte[0], new byte[7], new byte[44], new byte[91])) {
        assertThatThrownBy(() -> suite.publicKey(garbage))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> suite.privateKey(garbage))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void edwardsKeysOfSmallOrderAreRefusedSinceVerifiersDifferOnThem() {
    byte[] identity = new byte[32];
    identity[0] = 1;
    byte[] orderEight =
        HexFormat.of().parseHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    byte[] nonCanonical = new byte[32];
    Arrays.fill(nonCanonical, (byte) 0xFF);
    for (byte[] raw : List.of(identity, new byte[32], orderEight, nonCanonical)) {
      assertThatThrownBy(() -> SignatureSuite.ED25519.publicKey(raw))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aSecondFormOfAnEdwardsSignatureIsRefusedByBothProviders() {
    KeyPair pair = SignatureSuite.ED25519.generate();
    byte[] signature = SignatureSuite.ED25519.sign(pair.getPrivate(), STATEMENT);
    byte[] reversed = new byte[32];
    for (int i = 0; i < 32; i++) {
      reversed[i] = signature[63 - i];
    }
    byte[] larger = new BigInteger(1, reversed).add(EDWARDS_ORDER).toByteArray();
    byte[] other = signature.clone();
    for (int i = 0; i < 32; i++) {
      other[32 + i] = i < larger.length ? larger[larger.length - 1 - i] : 0;
    }
    for (SignatureSuite suite : suites().findFirst().orElseThrow()) {
      var key = suite.publicKey(pair.getPublic().getEncoded());
      assertThat(suite.verify(key, STATEMENT, signature)).isTrue();
      assertThat(suite.verify(key, STATEMENT, other)).isFalse();
    }
  }
}
