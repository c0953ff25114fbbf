using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

using VerifiableCompute.Engine.Planning;

namespace VerifiableCompute.Engine.Cli.Plans;

/// <summary>A description of hosts as JSON: docs/partitioning.md says what the fields mean.</summary>
internal static partial class HostsFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is not such a description; the message says why.</exception>
    internal static Cluster Read(string path)
    {
        try
        {
            Hosts read = JsonSerializer.Deserialize(Files.Read(path), Strict.Default.Hosts) ?? throw new InvalidDataException($"'{path}' describes nothing");
            Cluster cluster = Made(read);
            string defect = cluster.Defect();
            return defect.Length == 0 ? cluster : throw new InvalidDataException($"'{path}': {defect}");
        }
        catch (JsonException mistake)
        {
            throw new InvalidDataException($"'{path}': {mistake.Message}", mistake);
        }
    }

    private static Cluster Made(Hosts read)
    {
        string[] names = [.. Whole(read.List, "hosts").Select(host => host.Name)];
        if (names.Distinct().Count() != names.Length)
        {
            throw new JsonException("two hosts have one name");
        }

        int Number(string name) => System.Array.IndexOf(names, name) is int number and >= 0 ? number : throw new JsonException($"there is no host '{name}'");
        Dictionary<(int, int), Link> links = [];
        foreach (Way way in Whole(read.Links ?? [], "links"))
        {
            (int from, int to) = (Number(way.From), Number(way.To));
            bool isNew = links.TryAdd((from, to), way.Link);
            isNew &= way.OneWay || links.TryAdd((to, from), way.Link);
            if (!isNew)
            {
                throw new JsonException($"the link from '{way.From}' to '{way.To}' is described twice");
            }
        }

        return new Cluster([.. read.List.Select(Made)], links.ToImmutableDictionary(), Made(read.Link));
    }

    private static Host Made(OneHost host) => new(
        host.Name,
        [
            .. Whole(host.Devices, "devices").Select(device => new Device(device.Name ?? host.Name, Made(device.Gflops), device.MemoryBytes, device.MemoryGbs)
            {
                LaunchMicroseconds = device.LaunchUs,
                Without = [.. Whole(device.Without ?? [], "without")],
            }),
        ],
        Made(host.Bus));

    private static Speed Made(JsonElement gflops) => gflops.ValueKind == JsonValueKind.Number
        ? new Speed(gflops.GetDouble(), gflops.GetDouble(), gflops.GetDouble())
        : gflops.Deserialize(Strict.Default.Speeds) is Speeds speeds
            ? new Speed(speeds.Product, speeds.Integer, speeds.Other)
            : throw new JsonException("no gflops");

    // The serialiser looks for null in properties, but not in lists.
    private static T[] Whole<T>(T[] list, string name) => list.Any(item => item is null) ? throw new JsonException($"there is a null in '{name}'") : list;

    private static Link? Made(OneLink? link) => link is null ? null : new Link(link.Gbs, link.LatencyUs);

    private sealed record Hosts([property: JsonPropertyName("hosts")] OneHost[] List, Way[]? Links = null, OneLink? Link = null);

    private sealed record OneHost(string Name, OneDevice[] Devices, OneLink? Bus = null);

    private sealed record OneDevice(
        JsonElement Gflops, long MemoryBytes, double MemoryGbs, string? Name = null, double LaunchUs = 0, string[]? Without = null);

    private sealed record Speeds(double Product, double Integer, double Other);

    private sealed record OneLink(double Gbs, double LatencyUs = 0);

    private sealed record Way(string From, string To, double Gbs, double LatencyUs = 0, bool OneWay = false)
    {
        internal Link Link => new(Gbs, LatencyUs);
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip)]
    [JsonSerializable(typeof(Hosts))]
    [JsonSerializable(typeof(Speeds))]
    private sealed partial class Strict : JsonSerializerContext;
}
