using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Hashing of what lies on the device, leaves and tree.</summary>
internal sealed class HashProbe() : Probe("hash", "Hashing on the device", 30)
{
    private const double Least = 300;

    /// <inheritdoc/>
    protected override void Run()
    {
        List<Part> parts = [];
        foreach (Suite suite in Enum.GetValues<Suite>())
        {
            foreach (int mebibytes in IsQuick ? [1] : (int[])[1, 16, 256, 1024])
            {
                if (MayBegin())
                {
                    double speed = Measure(suite, mebibytes);
                    Add(new Figure("leaves and tree, GB/s", $"{mebibytes} MiB", suite.ToString(), speed, string.Empty));
                    if (mebibytes == 1024)
                    {
                        parts.Add(Part.AtLeast(speed, Least, suite.ToString(), "0", " GB/s"));
                    }
                }
            }
        }

        Add(Goal.Of("hashing rate", "≥ 300 GB/s", parts));
    }

    private double Measure(Suite suite, int mebibytes)
    {
        byte[] bytes = new byte[mebibytes << 20];
        Samplings.Bytes(bytes, 5);
        using GpuBuffer buffer = Device.Allocate(bytes.Length);
        Device.Write(buffer, 0, bytes);
        GpuHasher hasher = new(Device);
        try
        {
            Digest[] hash = new Digest[1];
            hasher.Begin(suite, buffer, bytes.Length);
            hasher.Finish(hash);
            if (hash[0] != MerkleTree.OfTensor(suite, bytes, Backend.Cpu.Hasher).TreeHash)
            {
                Wrong($"{suite} of {mebibytes} MiB is {hash[0]}, which is not the definition's");
            }

            int begun = 0;
            double seconds = Time((Begin, Finish))[0].Median;
            return bytes.Length / seconds / 1e9;

            void Begin()
            {
                hasher.Begin(suite, buffer, bytes.Length);
                begun++;
            }

            void Finish()
            {
                hasher.Finish(new Digest[begun]);
                begun = 0;
            }
        }
        finally
        {
            hasher.End();
        }
    }
}
