using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>Hash functions and tree shapes against vectors that others published.</summary>
internal sealed class VectorTests
{
    private delegate byte[] Hash(byte[] message);

    [Test]
    public void Sha256_of_nist_short_messages()
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestData.Folder("crypto-vectors"), "crypto", "sha2", "SHA256ShortMsg.rsp"));
        int length = 0;
        byte[] message = [];
        int count = 0;
        foreach (string line in lines)
        {
            string[] parts = line.Split(" = ");
            switch (parts[0])
            {
                case "Len":
                    length = int.Parse(parts[1], CultureInfo.InvariantCulture) / 8;
                    break;
                case "Msg":
                    message = Convert.FromHexString(parts[1])[..length];
                    break;
                case "MD":
                    Check(message, parts[1]);
                    count++;
                    break;
            }
        }

        Assert.That(count, Is.EqualTo(65));
    }

    [Test]
    public void Sha256_of_acvp_messages()
    {
        string path = Path.Combine(
            TestData.Folder("crypto-vectors"), "crypto", "sha2", "acvp_SHA2-256-1.0.internalProjection.json.gz");
        using GZipStream file = new(File.OpenRead(path), CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(file);
        int count = 0;
        foreach (JsonElement group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (group.GetProperty("testType").GetString() != "AFT")
            {
                continue; // The others are chains of 10^5 hashes and messages of gigabytes.
            }

            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                byte[] message = Convert.FromHexString(test.GetProperty("msg").GetString()!);
                Assert.That(test.GetProperty("len").GetInt32() % 8, Is.Zero);
                Check(message[..(test.GetProperty("len").GetInt32() / 8)], test.GetProperty("md").GetString()!);
                count++;
            }
        }

        Assert.That(count, Is.EqualTo(512));
    }

    [Test]
    public void Blake3_in_all_modes_and_lengths()
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(TestData.Folder("crypto-vectors"), "crypto", "blake3", "test_vectors.json")));
        Digest key = new(System.Text.Encoding.ASCII.GetBytes(document.RootElement.GetProperty("key").GetString()!));
        Digest context = Blake3.ContextKey(document.RootElement.GetProperty("context_string").GetString()!);
        int count = 0;
        foreach (JsonElement test in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            byte[] input = [.. Enumerable.Range(0, test.GetProperty("input_len").GetInt32()).Select(i => (byte)(i % 251))];
            foreach (int length in (int[])[32, 131, 64, 1])
            {
                byte[] output = new byte[length];
                Blake3.Hash(input, output);
                Assert.That(output, Is.EqualTo(Expected(test, "hash")[..length]), "hash");
                Blake3.KeyedHash(key, input, output);
                Assert.That(output, Is.EqualTo(Expected(test, "keyed_hash")[..length]), "keyed_hash");
                Blake3.DeriveKey(context, input, output);
                Assert.That(output, Is.EqualTo(Expected(test, "derive_key")[..length]), "derive_key");
            }

            count++;
        }

        Assert.That(count, Is.EqualTo(35));

        static byte[] Expected(JsonElement test, string mode) => Convert.FromHexString(test.GetProperty(mode).GetString()!);
    }

    [Test]
    public void Inclusion_proofs_of_transparency_dev()
    {
        string folder = Path.Combine(TestData.Folder("crypto-vectors"), "crypto", "merkle", "transparency-dev", "inclusion");
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement test = document.RootElement;
            bool good = Includes(
                test.GetProperty("leafIdx").GetUInt64(),
                test.GetProperty("treeSize").GetUInt64(),
                Bytes(test.GetProperty("leafHash")),
                [.. Proof(test).Select(Bytes)],
                Bytes(test.GetProperty("root")));
            Assert.That(good, Is.EqualTo(!test.GetProperty("wantErr").GetBoolean()), Path.GetRelativePath(folder, path));
            count++;
        }

        Assert.That(count, Is.EqualTo(98));
    }

    [Test]
    public void Consistency_proofs_of_transparency_dev()
    {
        string folder = Path.Combine(TestData.Folder("crypto-vectors"), "crypto", "merkle", "transparency-dev", "consistency");
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement test = document.RootElement;
            (ulong before, ulong after) = (test.GetProperty("size1").GetUInt64(), test.GetProperty("size2").GetUInt64());
            byte[][] proof = [.. Proof(test).Select(Bytes)];
            bool good = before <= long.MaxValue && after <= long.MaxValue && Array.TrueForAll(proof, digest => digest.Length == 32)
                && Consistency.Holds(
                    (long)before, (long)after, Root(test, "root1"), Root(test, "root2"), [.. proof.Select(digest => new Digest(digest))], Rfc6962);
            Assert.That(good, Is.EqualTo(!test.GetProperty("wantErr").GetBoolean()), Path.GetRelativePath(folder, path));
            count++;
        }

        Assert.That(count, Is.EqualTo(98));
    }

    // Some roots are words such as "dont care 1"; their hash is as different from other roots as they are.
    private static Digest Root(JsonElement test, string name)
        => Bytes(test.GetProperty(name)) is { Length: 32 } root ? new(root) : new(SHA256.HashData(Bytes(test.GetProperty(name))));

    private static bool Includes(ulong index, ulong size, byte[] leaf, byte[][] proof, byte[] root)
    {
        if (index >= size || size > long.MaxValue || leaf.Length != 32 || Array.Exists(proof, sibling => sibling.Length != 32))
        {
            return false;
        }

        if (TreeShape.Siblings((long)size, [(long)index]).Count() != proof.Length)
        {
            return false;
        }

        Digest[] siblings = [.. proof.Select(sibling => new Digest(sibling))];
        Digest top = TreeShape.Fold((long)size, [(long)index], [new Digest(leaf)], siblings, Rfc6962);
        return top.Span.SequenceEqual(root);
    }

    private static void Rfc6962(ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
    {
        for (int i = 0; i < parents.Length; i++)
        {
            parents[i] = new Digest(SHA256.HashData([1, .. children[2 * i].Span, .. children[(2 * i) + 1].Span]));
        }
    }

    private static IEnumerable<JsonElement> Proof(JsonElement test)
        => test.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof ? proof.EnumerateArray() : [];

    private static byte[] Bytes(JsonElement element) => element.ValueKind == JsonValueKind.Null ? [] : element.GetBytesFromBase64();

    // The runtime's function, which the definition uses, and ours at every width: the message in lane 0, others beside it.
    private static void Check(byte[] message, string expected)
    {
        foreach (Hash hash in (Hash[])[SHA256.HashData, Lanes<Words4>, Lanes<Words8>, Lanes<Words16>])
        {
            Assert.That(Convert.ToHexString(hash(message)), Is.EqualTo(expected).IgnoreCase, $"{hash.Method}, {message.Length} bytes");
        }
    }

    private static unsafe byte[] Lanes<T>(byte[] message)
        where T : unmanaged, IWords<T>
    {
        int blocks = ((message.Length + 8) / 64) + 1;
        byte[][] rows = [.. Enumerable.Range(0, T.Lanes).Select(i => Naive.Bytes(64 * blocks, i))];
        byte[] padded = new byte[64 * blocks];
        message.CopyTo(padded, 0);
        padded[message.Length] = 0x80;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(padded.AsSpan(padded.Length - 8), 8L * message.Length);
        int lane = message.Length % T.Lanes;
        rows[lane] = padded;
        byte[] all = [.. rows.SelectMany(row => row)];
        byte[] digests = new byte[32 * T.Lanes];
        uint[] start = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];
        byte** pointers = stackalloc byte*[T.Lanes];
        fixed (byte* source = all, target = digests)
        fixed (uint* first = start, last = Sha256Block.Schedule(padded.AsSpan(padded.Length - 64)))
        {
            for (int i = 0; i < T.Lanes; i++)
            {
                pointers[i] = source + (i * padded.Length);
            }

            Sha256Lanes<T>.Hash(pointers, blocks - 1, 0, first, last, target);
        }

        return digests[(32 * lane)..(32 * (lane + 1))];
    }
}
