using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Planning;

/// <summary>How fast a device does each kind of work, in 10^9 operations a second.</summary>
/// <param name="Product">Products and convolutions of real numbers; two operations a multiply-add.</param>
/// <param name="IntegerProduct">Products and convolutions of integers; the same.</param>
/// <param name="Other">Everything else.</param>
public sealed record Speed(double Product, double IntegerProduct, double Other);

/// <summary>A processor with its memory.</summary>
/// <param name="Name">For people.</param>
/// <param name="Gflops">Its speeds.</param>
/// <param name="MemoryBytes">What a stage may hold on it.</param>
/// <param name="MemoryGbs">Bandwidth of its memory, 10^9 bytes a second.</param>
public sealed record Device(string Name, Speed Gflops, long MemoryBytes, double MemoryGbs)
{
    /// <summary>Time to start a node, in microseconds.</summary>
    public double LaunchMicroseconds { get; init; }

    /// <summary>Names of ops that it cannot run.</summary>
    public ImmutableHashSet<string> Without { get; init; } = [];

    internal bool IsValid => IsSpeed(Gflops.Product) && IsSpeed(Gflops.IntegerProduct) && IsSpeed(Gflops.Other) && IsSpeed(MemoryGbs)
        && IsTime(LaunchMicroseconds) && MemoryBytes >= 0;

    internal static bool IsSpeed(double value) => value is > 0 and <= 1e12;

    internal static bool IsTime(double value) => value is >= 0 and <= 1e9;

    /// <summary>Picoseconds that a node takes: its start, and the longer of computing and moving bytes, rounded up. <see cref="Cluster.Never"/> where the
    /// device cannot run it.</summary>
    public long TimeOf(Node node, Work work)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(work);
        if (node.Op is Ops.View)
        {
            return 0;
        }

        double speed = work.Class switch
        {
            WorkClass.Product => Gflops.Product,
            WorkClass.IntegerProduct => Gflops.IntegerProduct,
            _ => Gflops.Other,
        };
        return Without.Contains(node.Op.Name)
            ? Cluster.Never
            : Cluster.Picoseconds((LaunchMicroseconds * 1e6) + (1e3 * double.Max(work.Operations / speed, work.Bytes / MemoryGbs)));
    }
}

/// <summary>A way for bytes.</summary>
/// <param name="Gbs">10^9 bytes a second.</param>
/// <param name="LatencyMicroseconds">Time before the first byte.</param>
public sealed record Link(double Gbs, double LatencyMicroseconds)
{
    internal bool IsValid => Device.IsSpeed(Gbs) && Device.IsTime(LatencyMicroseconds);

    /// <summary>Picoseconds that some bytes take, rounded up; none where there are none.</summary>
    public long TimeOf(long bytes) => bytes == 0 ? 0 : Cluster.Picoseconds((LatencyMicroseconds * 1e6) + (1e3 * bytes / Gbs));
}

/// <summary>One or two devices that share a host, between which nodes are chosen one by one. Inputs and outputs of the graph are in the memory of the
/// first.</summary>
/// <param name="Name">For people.</param>
/// <param name="Devices">The host's own processor, then perhaps one other.</param>
/// <param name="Bus">What lies between the two.</param>
public sealed record Host(string Name, ImmutableArray<Device> Devices, Link? Bus = null)
{
    /// <summary>A host with one device.</summary>
    public static Host Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new Host(device.Name, [device]);
    }

    /// <summary>What is wrong with the description; empty: nothing.</summary>
    public string Defect()
    {
        if (Devices.Length is not 1 and not 2 || (Devices.Length == 2) != (Bus is not null))
        {
            return $"host '{Name}' has one device, or two and a bus between them";
        }

        return Bus?.IsValid == false ? $"the bus of host '{Name}' has no bandwidth, or no latency of at least 0"
            : Devices.FirstOrDefault(device => !device.IsValid) is Device wrong
                ? $"device '{wrong.Name}' has a speed or bandwidth that is not above 0, or a time or size below 0" : string.Empty;
    }
}

/// <summary>Hosts, and the ways between them.</summary>
/// <param name="Hosts">The hosts, in the order in which stages are given to them unless any order will do.</param>
/// <param name="Links">The way from one host to another, by their numbers.</param>
/// <param name="Default">The way between hosts of which <paramref name="Links"/> says nothing; null: none.</param>
public sealed record Cluster(ImmutableArray<Host> Hosts, ImmutableDictionary<(int From, int To), Link> Links, Link? Default = null)
{
    /// <summary>A time that no plan has, in picoseconds: some 13 days. Sums of times stop there.</summary>
    public const long Never = 1L << 60;

    /// <summary>Most hosts where the order of the stages is fixed; a limit of what planning may take.</summary>
    public const int MostHosts = 64;

    /// <summary>Most hosts where stages may go to them in any order.</summary>
    public const int MostInAnyOrder = 8;

    /// <summary>The way between two hosts; null: none.</summary>
    public Link? Between(int from, int to) => Links.TryGetValue((from, to), out Link? link) ? link : Default;

    /// <summary>What is wrong with the description; empty: nothing.</summary>
    public string Defect()
    {
        if (Hosts.Length is 0 or > MostHosts)
        {
            return $"there are 1 to {MostHosts} hosts, not {Hosts.Length}";
        }

        if (Hosts.Select(host => host.Defect()).FirstOrDefault(defect => defect.Length > 0) is string wrong)
        {
            return wrong;
        }

        bool areNamed = Links.Keys.All(pair => pair.From >= 0 && pair.From < Hosts.Length && pair.To >= 0 && pair.To < Hosts.Length);
        return areNamed && Links.Values.Append(Default).All(link => link?.IsValid != false)
            ? string.Empty
            : "a link has no bandwidth or no latency of at least 0, or is between hosts that are not there";
    }

    internal static long Sum(long a, long b) => long.Min(a + b, Never);

    internal static long Picoseconds(double value) => value < Never ? (long)double.Ceiling(value) : Never;
}
