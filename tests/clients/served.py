"""A service for the tests of clients: over the samples, on a free port, and stopped in an orderly way."""

import re
import subprocess
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

NAME = "localhost"


@contextmanager
def served(quarry, samples, *options):
    """Runs the service, over samples if there are any, and yields its address, which it tells on standard error."""
    command = [quarry, "serve", "--listen", "127.0.0.1:0", "--now-is-newest", *options]
    if samples:
        command.append(samples)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if address := re.search(r"https?://\S+?(?=[,\s])", line):
                break
        assert said and address, f"no address in {said!r}"
        # What it says further is not to fill the pipe.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield address[0]
    finally:
        process.terminate()
        status = process.wait(timeout=60)
    assert status == 0, f"stopped by a signal it exits with 0, not {status}"


def certificate(folder):
    """Makes a certificate for this machine in a folder; returns its file and the file of its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(timezone.utc)
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
    made = made.not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    cert_file, key_file = Path(folder, "cert.pem"), Path(folder, "key.pem")
    cert_file.write_bytes(made.public_bytes(pem))
    key_file.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    return str(cert_file), str(key_file)


def token(quarry, state, name, role):
    """Makes a token and returns it."""
    command = [quarry, "--quiet", "token", "add", name, "--role", role, "--state", state]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
