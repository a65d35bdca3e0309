# A formula for a tap of one's own. Made by packaging/render; not tried on a Mac.
class Quarry < Formula
  desc "Runs Sentinel and Defender detections where the telemetry is"
  homepage "@URL@"
  version "@VERSION@"
  license any_of: ["Apache-2.0", "MIT"]

  on_macos do
    on_arm do
      url "@DOWNLOAD@/quarry-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256:quarry-aarch64-apple-darwin.tar.gz@"
    end
    on_intel do
      url "@DOWNLOAD@/quarry-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256:quarry-x86_64-apple-darwin.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@DOWNLOAD@/quarry-aarch64-unknown-linux-gnu.tar.gz"
      sha256 "@SHA256:quarry-aarch64-unknown-linux-gnu.tar.gz@"
    end
    on_intel do
      url "@DOWNLOAD@/quarry-x86_64-unknown-linux-gnu.tar.gz"
      sha256 "@SHA256:quarry-x86_64-unknown-linux-gnu.tar.gz@"
    end
  end

  def install
    bin.install "quarry"
    generate_completions_from_executable(bin/"quarry", "completions")
    (man1/"quarry.1").write Utils.safe_popen_read(bin/"quarry", "man")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/quarry --version")
    (testpath/"a.kql").write "print 1"
    system bin/"quarry", "check", "a.kql"
  end
end
